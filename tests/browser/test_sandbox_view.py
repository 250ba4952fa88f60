"""The sandbox's page in a real browser: it moves by itself and runs nothing that it shows."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.processes import fetch
from waypost.commands.api_call import call_api

READER = "4915112345678"
BUTTON = {"en": "Send four examples", "zh": "发送四个示例"}
HOSTILE = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">'\"{{7*7}}"


def send(address: str, text: str, to: str = READER, **more: str) -> dict[str, Any]:
    """Calls the sandbox of an address `http://host:port/@NAME`."""
    url, _, name = address.partition("/@")
    key = f"{name}@sandbox"
    parameters = {
        "ChannelType": "viber",
        "Type": "message",
        "MessageType": "text",
        "Content": json.dumps({"text": text}),
        "From": "20001",
        "To": to,
        "Label": "promotion",
    }
    return call_api(url, key, key, "SendChatappMessage", parameters | more)[1]


def wait_live(page: Page) -> None:
    """Returns when the page follows the events."""
    expect(page.locator("#live-switch")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh", True)])
def test_the_first_visit_sends_four_examples(
    browser: Browser, address: str, language: str, dark: bool, width: int
) -> None:
    with opened(browser, address, language=language, dark=dark, width=width) as watched:
        page = watched.page
        page.get_by_role("button", name=BUTTON[language]).click()
        expect(page.locator(f"#phone-{READER} .bubble")).to_have_count(1)
        expect(page.locator("#phone-4915112340002 .dress-viber")).to_have_count(1)
        expect(page.locator("li.refused")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("html").get_attribute("lang") == language
        watched.check()


def test_the_clock_moves_to_the_fallback(browser: Browser, address: str) -> None:
    with opened(browser, address) as watched:
        page = watched.page
        page.get_by_role("button", name=BUTTON["en"]).click()
        phone = page.locator("#phone-4915112340002")
        expect(phone.locator(".bubble")).to_have_count(1)
        page.get_by_role("button", name="+1 h").click()
        expect(phone.locator(".dress-sms")).to_have_count(1)
        phone.locator(".dress-sms").get_by_role("link", name="timeline").click()
        expect(page.locator("svg").first).to_be_visible()
        assert "no delivered receipt came in time" in page.locator("main").inner_text()
        watched.check()


def test_what_arrives_is_shown_and_what_is_typed_stays(browser: Browser, address: str) -> None:
    send(address, "the first")
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        field = page.locator(f"#reply-{READER}")
        field.fill("half a sen")
        send(address, "the second")
        expect(page.locator(f"#phone-{READER} .bubble")).to_have_count(2)
        assert field.input_value() == "half a sen"
        assert page.evaluate("document.activeElement.id") == f"reply-{READER}"
        field.press("Enter")
        expect(page.locator("#callbacks-head ~ ol")).to_contain_text("ChatAppInbound")
        expect(field).to_have_value("")
        bodies = [one["body"] for one in fetch(f"{address}/sandbox/callbacks")["callbacks"]]
        assert any("half a sen" in json.dumps(body) for body in bodies)
        watched.check()


def test_the_ticks_move_when_the_person_reads(browser: Browser, address: str) -> None:
    send(address, "unread", to="4915112340003")
    with opened(browser, address) as watched:
        phone = watched.page.locator("#phone-4915112340003")
        phone.get_by_role("button", name="Read").click()
        expect(phone.locator(".ticks.read")).to_have_count(1)
        watched.check()


def test_a_button_is_tapped(browser: Browser, address: str) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Yes <b>", "callback_data": "yes-1"}]]}
    submitted = {"text": "Shall we come?", "reply_markup": keyboard}
    content = json.dumps({"type": "sendMessage", "sendMessage": submitted})
    more = {"ChannelType": "telegram", "From": "20002", "MessageType": "interactive", "Content": content}
    accepted = send(address, "", **more)
    assert accepted["Code"] == "OK", accepted
    with opened(browser, address) as watched:
        page = watched.page
        page.get_by_role("button", name="Yes <b>").click()
        expect(page.locator("#callbacks-head ~ ol")).to_contain_text("ChatAppInbound")
        bodies = [one["body"] for one in fetch(f"{address}/sandbox/callbacks")["callbacks"]]
        assert any("yes-1" in json.dumps(body) for body in bodies)
        watched.check()


def test_live_updates_can_be_switched_off(browser: Browser, address: str) -> None:
    send(address, "the first")
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        switch = page.locator("#live-switch")
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "false")
        requested: list[str] = []
        page.on("request", lambda sent: requested.append(sent.url))
        send(address, "the second")
        # What would have been asked for by now has been: the page itself can still do something.
        page.get_by_role("button", name="+1 min").click()
        expect(page.locator(f"#phone-{READER} .bubble")).to_have_count(2)
        assert [url for url in requested if "/view/live" in url] == []
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
        send(address, "the third")
        expect(page.locator(f"#phone-{READER} .bubble")).to_have_count(3)
        watched.check()


@pytest.mark.parametrize("key", ["Control+k", "/"])
def test_a_key_leads_to_the_field_and_the_field_to_any_id(browser: Browser, address: str, key: str) -> None:
    message_id = send(address, "hello")["MessageId"]
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        page.keyboard.press(key)
        page.keyboard.type(message_id)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/messages/{message_id}")
        watched.check()


def test_hostile_values_are_text(browser: Browser, address: str) -> None:
    accepted = send(address, HOSTILE, Tag=HOSTILE[:20], TaskId="<b>")
    message_id = accepted.get("MessageId") or send(address, HOSTILE)["MessageId"]
    refused = send(address, "x", Label=HOSTILE, To=HOSTILE, From=HOSTILE)
    assert refused["Code"] != "OK"
    with opened(browser, address) as watched:
        page = watched.page
        wait_live(page)
        expect(page.locator(f"#phone-{READER} .text").first).to_have_text(HOSTILE)
        expect(page.locator("li.refused").first).to_contain_text("<script>")
        for path in (f"/messages/{message_id}", f"/calls/{refused['RequestId']}", f"/phones/{READER}"):
            page.goto(address + path)
            assert page.title() != "ran"
            assert page.locator("main script, main img").count() == 0
        watched.check()
        page.goto(f"{address}/find?q={HOSTILE.replace('#', '')}")
        assert page.title() != "ran"
        assert HOSTILE in page.locator("main").inner_text()


def test_it_can_be_read_and_used_without_scripts(browser: Browser, address: str) -> None:
    with opened(browser, address, scripts=False) as watched:
        page = watched.page
        page.get_by_role("button", name=BUTTON["en"]).click()
        expect(page.locator(f"#phone-{READER} .bubble")).to_have_count(1)
        page.locator(f"#reply-{READER}").fill("thanks")
        page.locator(f"#phone-{READER}").get_by_role("button", name="Send").click()
        expect(page.locator("#callbacks-head ~ ol")).to_contain_text("ChatAppInbound")
        watched.check()
