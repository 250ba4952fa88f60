"""The sandbox by keyboard alone: the focus can be seen at every step, and is never lost by an update."""

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.browser.test_sandbox_view import READER, send, wait_live
from tests.processes import fetch, until

BUTTON = "Yes, please"
MOST_TABS = 120
# What has the focus: its words, whether it can be seen, and whether it shows that it has the focus.
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    words: (element.textContent || element.placeholder || element.value || '').trim().replace(/\\s+/g, ' '),
    href: element.getAttribute('href') ?? '',
    id: element.id,
    isSeen: box.width > 0 && box.height > 0,
    isOutlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
  };
}"""


def focused(page: Page) -> dict[str, str]:
    """What has the focus, which can be seen."""
    found: dict[str, str] | None = page.evaluate(FOCUSED)
    assert found is not None, "the focus was lost"
    assert found["isSeen"], found
    assert found["isOutlined"], found
    return found


def tab_to(page: Page, words: str = "", *, href: str = "", id_: str = "") -> None:
    """Tabs until that has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            # Behind the last thing of the page comes the browser's own, then the page again.
            continue
        found = focused(page)
        if (not words or found["words"] == words) and href in found["href"] and id_ in ("", found["id"]):
            return
    raise AssertionError(f"Tab does not lead to {words or href or id_}")


def send_question(address: str) -> None:
    """A message on Telegram with a button."""
    keyboard = {"inline_keyboard": [[{"text": BUTTON, "callback_data": "yes-1"}]]}
    submitted = {"text": "Shall we come?", "reply_markup": keyboard}
    content = json.dumps({"type": "sendMessage", "sendMessage": submitted})
    more = {"ChannelType": "telegram", "From": "20002", "MessageType": "interactive", "Content": content}
    assert send(address, "", **more)["Code"] == "OK"


def is_in_callbacks(address: str, text: str) -> bool:
    return text in json.dumps(fetch(f"{address}/sandbox/callbacks"))


@pytest.mark.long
def test_from_the_empty_page_to_a_timeline_and_back(browser: Browser, address: str) -> None:
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        tab_to(page, "Send four examples")
        page.keyboard.press("Enter")
        expect(page.locator(f"#phone-{READER} .bubble")).to_have_count(1)
        # The button is gone; what is around it has the focus.
        until(lambda: page.evaluate("document.activeElement !== document.body"), what="the focus")
        focused(page)
        # A message with a button arrives meanwhile.
        send_question(address)
        expect(page.locator(f"#phone-{READER} .bubble")).to_have_count(2)
        focused(page)
        tab_to(page, href=f"/phones/{READER}")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/phones/{READER}")
        wait_live(page)
        tab_to(page, BUTTON)
        page.keyboard.press("Enter")
        until(lambda: is_in_callbacks(address, "yes-1"))
        assert focused(page)["words"] == BUTTON
        tab_to(page, id_=f"reply-{READER}")
        page.keyboard.type("c/ thanks")
        page.keyboard.press("Enter")
        until(lambda: is_in_callbacks(address, "c/ thanks"))
        expect(page.locator(f"#reply-{READER}")).to_have_value("")
        assert focused(page)["id"] == f"reply-{READER}"
        # Back by the bar, and the clock moves to the fallback of another phone.
        tab_to(page, "Live view")
        page.keyboard.press("Enter")
        wait_live(page)
        tab_to(page, "+1 h")
        page.keyboard.press("Enter")
        silent = page.locator("#phone-4915112340002")
        expect(silent.locator(".dress-sms")).to_have_count(1)
        assert focused(page)["words"] == "+1 h"
        last = silent.locator(".dress-sms a").get_attribute("href")
        assert last
        tab_to(page, href=last)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{last}")
        expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
        # What can be scrolled can be reached.
        tab_to(page, "")
        for _ in range(MOST_TABS):
            if page.evaluate("document.activeElement.className") == "scroll":
                break
            page.keyboard.press("Tab")
        assert "no delivered receipt came in time" in focused(page)["words"]
        # The browser's own key, which a page driven from outside does not get.
        page.go_back()
        page.wait_for_url(f"{address}/")
        expect(silent).to_be_visible()
        watched.check()


def test_the_focus_stays_near_a_button_that_is_gone(browser: Browser, address: str) -> None:
    send(address, "hello")
    fetch(f"{address}/sandbox/disruptions/callbacks", {"status": 500})
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        tab_to(page, "End")
        page.keyboard.press("Enter")
        expect(page.locator(".in-force")).to_have_count(0)
        until(lambda: page.evaluate("document.activeElement.id === 'live'"), what="the focus")
        focused(page)
        # From there Tab goes on in the part, and not at the top of the page.
        page.keyboard.press("Tab")
        assert focused(page)["words"] in ("To the next timer", "+1 min")
        watched.check()


def test_the_field_is_reached_while_the_pane_is_open(browser: Browser, address: str) -> None:
    message_id = send(address, "hello")["MessageId"]
    with opened(browser, address, "/reference") as watched:
        page = watched.page
        page.locator("#calls-open").focus()
        page.keyboard.press("c")
        expect(page.locator("#calls-pane")).to_be_visible()
        for _ in range(12):
            page.keyboard.press("Tab")
            # The focus stays in the pane, or is the browser's own.
            assert page.evaluate(
                "[document.body, ...document.querySelectorAll('dialog *')].includes(document.activeElement)"
            )
        page.keyboard.press("Control+k")
        expect(page.locator("#calls-pane")).to_be_hidden()
        assert focused(page)["id"] == "find"
        page.keyboard.type(message_id)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/messages/{message_id}")
        assert page.url.startswith(address)
        watched.check()
