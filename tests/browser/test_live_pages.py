"""The pages of a message, a phone and the calls follow what happens; nothing is lost meanwhile."""

import json
import time

import pytest
from bench.console import TRANSFERRED
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.browser.test_sandbox_view import READER, send, wait_live
from tests.processes import fetch, until

UPDATED = "performance.getEntriesByType('resource').some(each => each.name.includes('/view/live'))"

SILENT = "4915112340002"
FALLBACK = {"Ttl": "3600", "FallBackId": "S_000001", "FallBackDuration": "120"}


def advance(address: str, seconds: float) -> None:
    fetch(f"{address}/sandbox/clock/advance", {"seconds": seconds})


def live_requests(page: Page) -> list[str]:
    """The addresses of parts that the page asks for from now on."""
    found: list[str] = []
    page.on("request", lambda sent: found.append(sent.url) if "/view/" in sent.url else None)
    return found


def test_the_page_of_a_message_follows_it_in_place(browser: Browser, address: str) -> None:
    message_id = send(address, "hello", to=SILENT, **FALLBACK)["MessageId"]
    advance(address, 1)
    with opened(browser, address, f"/messages/{message_id}") as watched:
        page = watched.page
        wait_live(page)
        expect(page.locator("#live")).to_contain_text("the fallback starts")
        page.evaluate("window.kept = document.querySelector('#live h2')")
        # The focus is in a part that is morphed.
        page.locator("#live .scroll").first.focus()
        fetch(f"{address}/sandbox/clock/advance", {"seconds": 300})
        expect(page.locator("#live")).to_contain_text("leg 1 sms, attempt 1")
        assert page.evaluate("window.kept.isConnected")
        assert page.evaluate("document.activeElement.className") == "scroll"
        watched.check()


def test_the_page_of_a_phone_follows_it_and_has_what_its_owner_can_do(browser: Browser, address: str) -> None:
    send(address, "the first")
    advance(address, 1)
    with opened(browser, address, f"/phones/{READER}") as watched:
        page = watched.page
        wait_live(page)
        bubbles = page.locator(".phone.whole .bubble")
        expect(bubbles).to_have_count(1)
        field = page.locator(f"#reply-{READER}")
        field.fill("half a sen")
        send(address, "the second")
        expect(bubbles).to_have_count(2)
        expect(field).to_have_value("half a sen")
        assert page.evaluate("document.activeElement.id") == f"reply-{READER}"
        field.press("Enter")
        expect(field).to_have_value("")
        # It is still the page of this phone.
        expect(page.locator(".phone.whole")).to_have_count(1)
        expect(page.locator(".columns")).to_have_count(0)
        until(lambda: "half a sen" in json.dumps(fetch(f"{address}/sandbox/callbacks")))
        watched.check()


def test_live_is_chosen_for_all_pages(browser: Browser, address: str) -> None:
    message_id = send(address, "hello")["MessageId"]
    advance(address, 1)
    with opened(browser, address, f"/messages/{message_id}") as watched:
        page = watched.page
        wait_live(page)
        page.locator("#live-switch").click()
        expect(page.locator("#live-switch")).to_have_attribute("aria-pressed", "false")
        page.goto(f"{address}/phones/{READER}")
        expect(page.locator("#live-switch")).to_have_attribute("aria-pressed", "false")
        requested = live_requests(page)
        send(address, "the second")
        # What would have been asked for by now has been: the page itself can still do something.
        page.locator(f"#reply-{READER}").fill("thanks")
        page.locator(f"#reply-{READER}").press("Enter")
        expect(page.locator(".phone.whole .bubble")).to_have_count(2)
        assert [url for url in requested if not url.endswith("/view/phone")] == []
        page.locator("#live-switch").click()
        send(address, "the third")
        expect(page.locator(".phone.whole .bubble")).to_have_count(3)
        watched.check()


def test_a_phone_can_be_used_without_scripts(browser: Browser, address: str) -> None:
    send(address, "hello")
    advance(address, 1)
    with opened(browser, address, f"/phones/{READER}", scripts=False) as watched:
        page = watched.page
        page.locator(f"#reply-{READER}").fill("thanks")
        page.get_by_role("button", name="Send").click()
        page.wait_for_url(f"**/phones/{READER}")
        expect(page.locator(".phone.whole .bubble")).to_have_count(1)


@pytest.mark.parametrize(
    "path",
    [
        "/errors/MissingTo",
        *(
            pytest.param(path, marks=pytest.mark.long)
            for path in (
                "/",
                "/here",
                "/errors",
                "/reference",
                "/reference/SendChatappMessage",
                "/doctor",
                "/coverage",
            )
        ),
    ],
)
def test_the_latest_calls_open_over_any_page_by_a_key(browser: Browser, address: str, path: str) -> None:
    refused = send(address, "x", Label="news")
    with opened(browser, address, path) as watched:
        page = watched.page
        pane = page.locator("#calls-pane")
        opener = page.locator("#calls-open")
        expect(page.locator(".live-switch").last).to_have_attribute("aria-pressed", "true")
        opener.focus()
        page.keyboard.press("c")
        expect(pane).to_be_visible()
        expect(pane.locator("li.refused")).to_have_count(1)
        # Another call is there while it is open.
        assert send(address, "y")["Code"] == "OK"
        expect(pane.locator("li")).to_have_count(2)
        page.keyboard.press("Escape")
        expect(pane).to_be_hidden()
        assert page.evaluate("document.activeElement.id") == "calls-open"
        page.locator("#find").focus()
        page.keyboard.press("c")
        expect(page.locator("#find")).to_have_value("c")
        expect(pane).to_be_hidden()
        opener.click()
        expect(pane).to_be_visible()
        pane.locator("li.refused").get_by_role("link", name="SendChatappMessage").click()
        page.wait_for_url(f"**/calls/{refused['RequestId']}")
        assert f"{address}/calls/" in page.url
        watched.check()


def test_the_latest_calls_are_a_page_without_scripts(browser: Browser, address: str) -> None:
    send(address, "x", Label="news")
    with opened(browser, address, "/errors/MissingTo", scripts=False) as watched:
        page = watched.page
        page.locator("#calls-open").click()
        expect(page.locator("main li.refused")).to_have_count(1)
        assert page.url == f"{address}/calls"


def test_what_the_pointer_aims_at_stays_where_it_is(browser: Browser, address: str) -> None:
    for n in range(3):
        send(address, f"call {n}")
    advance(address, 1)
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        row = page.locator('[aria-labelledby="calls-head"] li').nth(1)
        row_id = row.get_attribute("id")
        row.hover()
        before = page.locator(f"#{row_id}").bounding_box()
        for n in range(3):
            send(address, f"further call {n}")
        expect(page.locator('[aria-labelledby="calls-head"] li')).to_have_count(6)
        after = page.locator(f"#{row_id}").bounding_box()
        assert before
        assert after
        assert abs(before["y"] - after["y"]) < 2
        watched.check()


@pytest.mark.long
def test_nothing_changes_while_the_pointer_aims_at_a_button(browser: Browser, address: str) -> None:
    send(address, "the first")
    advance(address, 1)
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        # The first look after the page was opened is over.
        with page.expect_response(lambda response: "/view/live" in response.url):
            advance(address, 1)
        page.locator(f"#phone-{READER}").get_by_role("button", name="Read").hover()
        box = page.locator(f"#phone-{READER}").get_by_role("button", name="Read").bounding_box()
        assert box
        requested = live_requests(page)
        send(address, "the second")
        began = time.monotonic()
        while time.monotonic() - began < 2:
            page.mouse.move(box["x"] + 5 + int(time.monotonic() * 100) % 3, box["y"] + 5)
        assert [url for url in requested if "/view/live" in url] == []
        # It has come to rest, and the page goes on.
        expect(page.locator(f"#phone-{READER} .bubble")).to_have_count(2)
        watched.check()


def test_all_that_a_page_transfers_is_less_than_it_may_be(browser: Browser, address: str) -> None:
    for n in range(40):
        send(address, "hello " * 20, to=f"49151123450{n:02}")
    advance(address, 60)
    # Of a page with nothing in the browser's cache: itself, styles, scripts, and the first update.
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        # Asked from here: what waits inside the page evaluates a text there, which its policy forbids.
        until(lambda: page.evaluate(UPDATED), what="the first update")
        transferred = page.evaluate(TRANSFERRED)
        assert 30_000 < transferred < 200_000
        page.keyboard.press("c")
        expect(page.locator("#calls-latest li")).to_have_count(30)
        assert page.evaluate(TRANSFERRED) < 200_000
        watched.check()
