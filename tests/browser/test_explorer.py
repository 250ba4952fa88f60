"""The explorer in a real browser: from the list to a message, by mouse, by keyboard and without scripts."""

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.processes import fetch

READER = "4915112345678"
HOSTILE = (
    "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">'\"{{7*7}}</textarea>"
)
FORM = "/explorer/SendChatappMessage"
FREE = f"{FORM}?ChannelType=viber&Type=message&MessageType=text&From=20001&To={READER}&Label=promotion"
RUN = {"en": "Make the call", "zh": "发起调用"}
TIMELINE = {"en": "The message and its timeline", "zh": "消息及其时间线"}


def press_until(page: Page, key: str, selector: str) -> None:
    """Presses a key until the focus is on an element."""
    for _ in range(120):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{key} never came to {selector}")


def texts_of(address: str) -> list[str]:
    """The texts that reached the phone of the tests."""
    phones = {phone["number"] for phone in fetch(f"{address}/sandbox/phones")["phones"]}
    calls = fetch(f"{address}/sandbox/calls")["calls"]
    sent = [call for call in calls if call["message_id"] and call["parameters"]["To"] in phones]
    return [json.loads(call["parameters"]["Content"])["text"] for call in sent]


@pytest.mark.parametrize(
    ("language", "dark", "width"),
    [
        ("en", False, 1280),
        ("zh", True, 390),
        *(
            pytest.param(language, dark, width, marks=pytest.mark.long)
            for language, dark, width in [
                ("en", False, 390),
                ("en", True, 1920),
                ("zh", False, 1280),
                ("zh", True, 1920),
            ]
        ),
    ],
)
def test_a_call_is_filled_in_and_made(
    browser: Browser, address: str, language: str, dark: bool, width: int
) -> None:
    with opened(browser, address, "/explorer", language=language, dark=dark, width=width) as watched:
        page = watched.page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("#q").fill("SendChatappM")
        expect(page.locator("#found h2")).to_have_count(0)
        page.locator("#found").get_by_role("link", name="SendChatappMessage").click()
        page.wait_for_url("**/explorer/SendChatappMessage")
        page.locator("[name=ChannelType]").select_option("viber")
        page.locator("[name=Type]").select_option("message")
        page.locator("[name=MessageType]").select_option("text")
        page.locator("[name='Content/text']").fill("Hello from here")
        page.locator("[name=From]").fill("20001")
        page.locator("[name=To]").fill(READER)
        page.locator("[name=Label]").select_option("promotion")
        expect(page.locator("#code pre").first).to_contain_text("Hello from here")
        page.get_by_role("button", name=RUN[language]).click()
        expect(page.locator("#answer .good")).to_have_text("HTTP 200 OK")
        expect(page.locator("#answer")).to_contain_text(TIMELINE[language])
        expect(page.locator("#answer .lane").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("html").get_attribute("lang") == language
        assert texts_of(address) == ["Hello from here"]
        watched.check()


def test_by_keyboard_alone_from_the_address_to_a_message(browser: Browser, address: str) -> None:
    with opened(browser, address, "/explorer") as watched:
        page = watched.page
        press_until(page, "Tab", "#q")
        page.keyboard.type("SendChatappMessage")
        page.keyboard.press("Enter")
        page.wait_for_url("**/explorer?q=SendChatappMessage")
        press_until(page, "Tab", "#found a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/explorer/SendChatappMessage")
        for name, typed in (("ChannelType", "viber"), ("Type", "message"), ("MessageType", "text")):
            press_until(page, "Tab", f"[name={name}]")
            page.keyboard.type(typed)
            expect(page.locator(f"[name={name}]")).to_have_value(typed)
            if name != "ChannelType":
                expect(page.locator("[name='MessageType']")).to_be_visible()
            # What the choice shows came, and the focus is where it was.
            expect(page.locator(f"[name={name}]")).to_be_focused()
        for name, typed in (
            ("From", "20001"),
            ("To", READER),
            ("Content/text", "By keys"),
            ("Label", "promotion"),
        ):
            press_until(page, "Tab", f"[name='{name}']")
            page.keyboard.type(typed)
        press_until(page, "Shift+Tab", "[name=To]")
        page.keyboard.press("Enter")
        expect(page.locator("#answer .good")).to_have_text("HTTP 200 OK")
        expect(page.locator("[name=To]")).to_be_focused()
        assert texts_of(address) == ["By keys"]
        watched.check()


def test_a_choice_changes_the_fields_and_leaves_what_is_typed(browser: Browser, address: str) -> None:
    with opened(browser, address, FREE) as watched:
        page = watched.page
        page.locator("[name='Content/text']").fill("stays")
        page.locator("[name=Tag]").fill("a tag")
        page.locator("[name=MessageType]").select_option("image")
        expect(page.locator("[name='Content/link']")).to_have_count(1)
        expect(page.locator("[name='Content/text']")).to_have_value("stays")
        expect(page.locator("[name=Tag]")).to_have_value("a tag")
        page.locator("[name=Type]").select_option("template")
        expect(page.locator("[name=TemplateCode]")).to_have_count(1)
        page.locator("[name='+TemplateParams/name']").fill("code")
        page.locator("[name='+TemplateParams/value']").fill("1234")
        page.locator("[name='+TemplateParams/value']").press("Tab")
        expect(page.locator("[name='TemplateParams/code']")).to_have_value("1234")
        expect(page.locator("[name='+TemplateParams/name']")).to_have_value("")
        watched.check()


def test_the_code_follows_what_is_typed_in_the_language_that_was_chosen(
    browser: Browser, address: str
) -> None:
    with opened(browser, address, FREE) as watched:
        page = watched.page
        page.locator("label[for=code-curl]").click()
        shown = page.locator("#code .tab-panel:visible")
        expect(shown).to_have_count(1)
        expect(shown).to_contain_text("curl")
        page.locator("[name='Content/text']").fill("onemoreword")
        expect(shown).to_contain_text("onemoreword")
        expect(page.locator("#code-curl")).to_be_checked()
        link = page.locator("#link").get_attribute("href") or ""
        assert "onemoreword" in link
        watched.check()


def test_hostile_values_are_text(browser: Browser, address: str) -> None:
    with opened(browser, address, FREE) as watched:
        page = watched.page
        for name in ("Content/text", "From", "To", "Tag", "FallBackContent", "TaskId", "Ttl"):
            page.locator(f"[name='{name}']").fill(HOSTILE)
        page.locator("[name=To]").press("Enter")
        expect(page.locator("#answer .bad")).to_have_count(1)
        expect(page.locator("[name=From]")).to_have_value(HOSTILE)
        page.locator("#keep-name").fill(HOSTILE)
        page.locator("#keep button").click()
        expect(page.locator("#keep [role=status]")).not_to_be_empty()
        page.goto(address + "/explorer")
        expect(page.locator("#kept a")).to_have_text(HOSTILE[:64])
        page.locator("#request").fill(HOSTILE)
        page.get_by_role("button", name="Fill in the form").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert page.title() != "ran"
        assert page.locator("main img").count() == 0
        assert [text for text in watched.errors if "400" not in text] == []
        assert watched.elsewhere == []


def test_forms_are_kept_and_calls_remembered_without_their_values(browser: Browser, address: str) -> None:
    with opened(browser, address, f"{FREE}&Content=%7B%22text%22%3A%22private-words%22%7D") as watched:
        page = watched.page
        page.locator("#key").select_option("")
        page.locator("#own-key").fill("nobody")
        page.locator("#secret").fill("s3cret-of-nobody")
        page.get_by_role("button", name=RUN["en"]).click()
        expect(page.locator("#answer .bad")).to_contain_text("InvalidAccessKeyId.NotFound")
        # Still there for the next call, and in nothing that the server sent.
        expect(page.locator("#secret")).to_have_value("s3cret-of-nobody")
        stored = page.evaluate("JSON.stringify(localStorage)")
        assert "InvalidAccessKeyId.NotFound" in stored
        assert "private-words" not in stored
        assert "s3cret" not in stored
        page.locator("#keep-name").fill("My form")
        page.locator("#keep button").click()
        expect(page.locator("#keep [role=status]")).not_to_be_empty()
        assert "s3cret" not in page.evaluate("JSON.stringify(localStorage)")
        page.goto(address + "/explorer")
        expect(page.locator("#history li")).to_have_count(1)
        page.locator("#kept").get_by_role("link", name="My form").click()
        expect(page.locator("[name='Content/text']")).to_have_value("private-words")
        expect(page.locator("#secret")).to_have_value("")
        page.goto(address + "/explorer")
        page.locator("#kept").get_by_role("button").click()
        expect(page.locator("#kept")).to_be_hidden()
        page.locator("#forget-history").click()
        expect(page.locator("#history")).to_be_hidden()
        assert page.evaluate("localStorage.getItem('waypost.explorer.calls')") == "[]"
        watched.check()


def test_a_secret_leaves_the_page_only_with_its_call(browser: Browser, address: str) -> None:
    with opened(browser, address, FREE) as watched:
        page = watched.page
        bodies: list[str] = []
        page.on("request", lambda sent: bodies.append(sent.post_data or ""))
        page.locator("#key").select_option("")
        page.locator("#own-key").fill("nobody")
        page.locator("#secret").fill("s3cret")
        page.locator("[name='Content/text']").fill("words")
        expect(page.locator("#code pre").first).to_contain_text("words")
        page.locator("[name=Type]").select_option("template")
        expect(page.locator("[name=TemplateCode]")).to_have_count(1)
        page.locator("#code pre").first.wait_for()
        assert len(bodies) >= 2
        assert [body for body in bodies if "s3cret" in body] == []
        page.get_by_role("button", name=RUN["en"]).click()
        expect(page.locator("#answer h2")).to_be_visible()
        assert any("s3cret" in body and "do=run" in body for body in bodies)
        watched.check()


def test_it_can_be_used_without_scripts(browser: Browser, address: str) -> None:
    with opened(browser, address, FORM, scripts=False) as watched:
        page = watched.page
        page.locator("[name=ChannelType]").select_option("viber")
        page.locator("[name=Type]").select_option("message")
        page.get_by_role("button", name="Show the fields of this kind").click()
        page.locator("[name=MessageType]").select_option("text")
        page.get_by_role("button", name="Fill in examples").click()
        page.locator("[name='Content/text']").fill("No script")
        page.locator("[name=To]").fill(READER)
        page.get_by_role("button", name=RUN["en"]).click()
        expect(page.locator("#answer .good")).to_have_text("HTTP 200 OK")
        page.locator("label[for=code-go]").click()
        expect(page.locator("#code .tab-panel:visible")).to_contain_text("package main")
        assert texts_of(address) == ["No script"]
        watched.check()
