"""Every page in a real browser: nobody is kept from using it, nothing is cut off, nothing goes wrong."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import opened
from tests.browser.every_page import Filled, filled_sandbox, opened_pages, violations
from tests.processes import Running

COPIED = {"en": "Copied", "zh": "已复制"}


@pytest.fixture(scope="module")
def filled(process: Running) -> Filled:
    return filled_sandbox(process)


@pytest.mark.long
@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh", True)])
def test_axe_finds_nothing_serious(browser: Browser, filled: Filled, language: str, dark: bool) -> None:
    found: dict[str, list[str]] = {}
    with opened_pages(browser, filled, language=language, dark=dark) as pages:
        for name, watched in pages:
            # What is folded is looked at, too.
            watched.page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
            found[name] = violations(watched.page)
            watched.check()
    assert len(found) > 15
    assert {name: worst for name, worst in found.items() if worst} == {}


@pytest.mark.long
@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_is_wider_than_its_window(
    browser: Browser, filled: Filled, language: str, width: int
) -> None:
    widths = {}
    with opened_pages(browser, filled, language=language, width=width) as pages:
        for name, watched in pages:
            assert watched.page.locator("html").get_attribute("lang") == language
            widths[name] = watched.page.evaluate("document.documentElement.scrollWidth")
            watched.check()
    assert {name: wide for name, wide in widths.items() if wide > width} == {}


def test_what_axe_would_find_is_found(browser: Browser, filled: Filled) -> None:
    with opened(browser, filled.address, "/nowhere") as watched:
        watched.page.locator("main h1").evaluate("each => { each.style.color = '#ddd'; }")
        assert any(each.startswith("color-contrast: ['h1']") for each in violations(watched.page))


@pytest.mark.parametrize("language", COPIED)
def test_code_is_copied_by_a_button(browser: Browser, filled: Filled, language: str) -> None:
    with opened(browser, filled.address, "/here", language=language) as watched:
        page = watched.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        button = page.locator("[data-copy]").nth(1)
        button.click()
        expect(page.locator("#announced")).to_have_text(COPIED[language])
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator("pre").nth(1).inner_text()
        assert copied.startswith("curl http://127.0.0.1:")
        watched.check()


def test_code_is_copied_where_a_browser_has_no_clipboard_for_pages(browser: Browser, filled: Filled) -> None:
    with opened(browser, filled.address, "/here") as watched:
        page = watched.page
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.evaluate("document.execCommand = (what) => what === 'copy'")
        page.locator("[data-copy]").first.click()
        expect(page.locator("#announced")).to_have_text("Copied")
        assert page.evaluate("getSelection().toString()").startswith("from alibabacloud_cams20200606")
        page.evaluate("document.execCommand = () => false")
        page.locator("[data-copy]").nth(1).click()
        expect(page.locator("#announced")).to_contain_text("Not copied")
        watched.check()


def test_every_text_that_is_to_be_copied_has_a_button(browser: Browser, filled: Filled) -> None:
    paths = (filled.paths["here"], filled.paths["call"])
    for path in paths:
        with opened(browser, filled.address, path) as watched:
            texts = watched.page.locator("pre").count()
            assert texts > 4
            assert watched.page.locator("pre + [data-copy]").count() == texts
            watched.check()


def test_without_scripts_there_is_no_button_that_does_nothing(browser: Browser, filled: Filled) -> None:
    with opened(browser, filled.address, "/here", scripts=False) as watched:
        assert watched.page.locator("[data-copy]").count() > 4
        assert watched.page.locator("[data-copy]:visible").count() == 0
        watched.check()


def test_on_a_phone_a_table_is_a_list(browser: Browser, filled: Filled) -> None:
    with opened(browser, filled.address, "/reference/SendChatappMessage", width=390) as watched:
        row = watched.page.locator("#To")
        assert row.evaluate("each => getComputedStyle(each).display") == "block"
        first, second = (row.locator("td").nth(place).bounding_box() for place in (0, 1))
        assert first
        assert second
        # One below the other, each as wide as the page.
        assert second["y"] >= first["y"] + first["height"]
        assert second["width"] > 350
        label = row.locator("td").nth(3)
        assert label.evaluate("each => getComputedStyle(each, '::before').content") == '"Refused with: "'
        assert watched.page.evaluate("document.documentElement.scrollHeight") < 20_000
        watched.check()


def test_the_contents_lead_to_their_part(browser: Browser, filled: Filled) -> None:
    with opened(browser, filled.address, "/reference/SendChatappMessage") as watched:
        page = watched.page
        page.get_by_role("navigation", name="Contents").get_by_role("link", name="Answer").click()
        expect(page.locator("h2:target")).to_contain_text("Answer")
        expect(page.locator("h2:target")).to_be_in_viewport()
        page.locator("#To .anchor").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**#To")
        watched.check()


def test_the_language_is_switched_in_the_bar_and_stays(browser: Browser, filled: Filled) -> None:
    with opened(browser, filled.address, "/errors?q=MissingTo") as watched:
        page = watched.page
        page.get_by_role("link", name="中文").click()
        expect(page.locator("h1")).to_have_text("错误码")
        assert "q=MissingTo" in page.url
        page.get_by_role("link", name="接口参考").first.click()
        expect(page.locator("h1")).to_have_text("接口参考")
        page.get_by_role("link", name="English").click()
        expect(page.locator("h1")).to_have_text("Reference")
        watched.check()
