"""What goes wrong, in a real browser: it is chosen, seen, refused with its reason, and ended."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.browser.test_sandbox_view import send
from tests.processes import fetch


def open_panel(page: Page) -> None:
    page.locator("details.disruptions > summary").click()


def test_the_next_call_is_refused_with_the_chosen_code(browser: Browser, address: str) -> None:
    with opened(browser, address) as watched:
        page = watched.page
        open_panel(page)
        page.locator("#calls-code").fill("Product.Unsubscript")
        page.locator("#disrupt-calls").get_by_role("button", name="Start").click()
        expect(page.locator(".in-force li")).to_have_count(1)
        expect(page.locator("#calls-code")).to_have_value("")
        assert send(address, "hello")["Code"] == "Product.Unsubscript"
        # It was one call, and the page follows.
        expect(page.locator(".in-force li")).to_have_count(0)
        expect(page.locator("li.refused")).to_contain_text("Product.Unsubscript")
        assert send(address, "hello")["Code"] == "OK"
        watched.check()


NO_CODE = {"en": "code 'Nope' is none of /errors", "zh": "code 'Nope' 不在 /errors 之中"}


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.long)])
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    browser: Browser, address: str, language: str
) -> None:
    with opened(browser, address, language=language) as watched:
        page = watched.page
        open_panel(page)
        form = page.locator("#disrupt-calls")
        page.locator("#calls-code").fill("Nope")
        page.locator("#calls-count").fill("7")
        form.locator("button").click()
        expect(form.get_by_role("alert")).to_contain_text(NO_CODE[language])
        expect(page.locator("#calls-code")).to_have_value("Nope")
        expect(page.locator("#calls-count")).to_have_value("7")
        expect(page.locator("#calls-code")).to_have_attribute("aria-describedby", "wrong-calls-code")
        assert fetch(f"{address}/sandbox/disruptions")["calls"] == []
        page.locator("#calls-code").fill("MissingTo")
        form.locator("button").click()
        expect(page.locator(".in-force li")).to_have_count(1)
        expect(form.get_by_role("alert")).to_have_count(0)
        expect(page.locator("#calls-count")).to_have_value("1")
        watched.check()


def test_a_kind_has_its_fields_and_each_can_be_ended(browser: Browser, address: str) -> None:
    with opened(browser, address) as watched:
        page = watched.page
        open_panel(page)
        expect(page.locator("#providers-seconds")).to_be_hidden()
        expect(page.locator("#providers-count")).to_be_hidden()
        page.locator("#providers-kind").select_option("slow")
        expect(page.locator("#providers-seconds")).to_be_visible()
        expect(page.locator("#providers-status")).to_be_hidden()
        page.locator("#providers-seconds").fill("0.1")
        page.locator("#disrupt-providers button").click()
        expect(page.locator(".in-force li")).to_have_count(1)
        page.locator("#disrupt-callbacks button").click()
        expect(page.locator(".in-force li")).to_have_count(2)
        # What somebody else puts in force is there, too.
        fetch(f"{address}/sandbox/disruptions/calls", {"kind": "drop", "count": 1})
        expect(page.locator(".in-force li")).to_have_count(3)
        page.locator(".in-force li", has_text="viber").get_by_role("button").click()
        expect(page.locator(".in-force li")).to_have_count(2)
        page.get_by_role("button", name="End all").click()
        expect(page.locator(".in-force")).to_have_count(0)
        watched.check()


def test_it_works_without_scripts(browser: Browser, address: str) -> None:
    with opened(browser, address, scripts=False) as watched:
        page = watched.page
        open_panel(page)
        page.locator("#calls-code").fill("Nope")
        page.locator("#disrupt-calls button").click()
        expect(page.get_by_role("alert")).to_contain_text("code 'Nope'")
        page.locator("#calls-code").fill("MissingTo")
        page.locator("#disrupt-calls button").click()
        expect(page.locator(".in-force li")).to_have_count(1)
        page.locator(".in-force li button").click()
        expect(page.locator(".in-force")).to_have_count(0)
