"""Values that would like to be scripts, in every field that a page of the sandbox shows: they are text."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import opened
from tests.browser.test_sandbox_view import READER, send
from tests.processes import Running, fetch, start_sandbox
from waypost.api.operations.catalogue import EVERY
from waypost.commands.api_call import call_api

MARK = "window.ran=true"
PAYLOADS = (
    f"<script>{MARK}</script>",
    f"<img src=x onerror={MARK}>",
    f'"><svg onload="{MARK}">',
    f"' onmouseover='{MARK}' autofocus onfocus='{MARK}",
    f"</textarea></title></code></script><script>{MARK}</script>",
    f"javascript:{MARK}",
    f"{{{{{MARK}}}}}${{{MARK}}}<template hx-on:load={MARK}></template>",
)
ALL = " ".join(PAYLOADS)
# Before any script of a page: what a policy would have stopped is counted, too.
WATCH = """
window.violations = [];
addEventListener('securitypolicyviolation', event => window.violations.push(event.violatedDirective));
"""


@pytest.fixture(scope="module")
def hostile() -> Iterator[Running]:
    """A sandbox in which every call, reply, provider's answer and fault has such values."""
    with start_sandbox() as process:
        yield process


def fill(address: str) -> list[str]:
    """Has every kind of text in the sandbox, and returns the paths of the pages that show them."""
    url = address.partition("/@")[0]
    key = f"{address.partition('/@')[2]}@sandbox"
    paths = []
    for name, endpoint in EVERY.items():
        fields = {each.name: ALL for each in endpoint.operation.parameters}
        answer = call_api(url, key, key, name, fields | {ALL: ALL})[1]
        paths.append(f"/calls/{answer['RequestId']}")
    # What is accepted: a text, a tag, the names of templates and contacts in their contents, buttons.
    for n, payload in enumerate(PAYLOADS):
        accepted = send(address, payload, Tag=payload[:64], TaskId=payload[:32])
        if accepted["Code"] != "OK":
            accepted = send(address, payload)
        assert accepted["Code"] == "OK", accepted
        paths.append(f"/messages/{accepted['MessageId']}")
        keyboard = {"inline_keyboard": [[{"text": payload[:60], "callback_data": payload[:60]}]]}
        submitted = {"text": payload, "reply_markup": keyboard}
        content = json.dumps({"type": "sendMessage", "sendMessage": submitted})
        send(
            address,
            "",
            f"49151123457{n:02}",
            ChannelType="telegram",
            From="20002",
            MessageType="interactive",
            Content=content,
        )
        contact = {
            "contacts": [
                {"name": {"formattedName": payload, "firstName": payload}, "phones": [{"phone": payload}]}
            ]
        }
        send(
            address,
            "",
            f"49151123458{n:02}",
            ChannelType="whatsapp",
            From="8613900001234",
            MessageType="contacts",
            Content=json.dumps(contact),
        )
    fetch(f"{address}/sandbox/clock/advance", {"seconds": 2})
    for payload in PAYLOADS:
        fetch(f"{address}/sandbox/phones/{READER}/reply", {"text": payload})
        fetch(f"{address}/sandbox/disruptions/callbacks", {"url": payload, "status": 500})
        fetch(f"{address}/sandbox/disruptions/calls", {"operation": payload, "kind": "drop"})
        fetch(f"{address}/sandbox/disruptions/providers", {"route": payload, "kind": "slow"})
    phones = fetch(f"{address}/sandbox/phones")["phones"]
    paths += [f"/phones/{phone['number']}" for phone in phones]
    searched = [
        f"{path}{quote(ALL, safe='')}" for path in ("/find?q=", "/errors?q=", "/phones/", "/reference/")
    ]
    return ["/", "/calls", *paths, *searched]


@pytest.mark.long
def test_nothing_that_a_page_shows_is_run(browser: Browser, hostile: Running) -> None:
    address = f"{hostile.address}/@hostile"
    paths = fill(address)
    with opened(browser, address) as watched:
        page = watched.page
        page.add_init_script(WATCH)
        shown = ""
        for path in paths:
            page.goto(address + path)
            expect(page.locator("main")).to_be_visible()
            shown += page.locator("main").inner_text()
            assert page.evaluate("window.ran") is None, path
            assert page.evaluate("window.violations") == [], path
            assert (
                page.locator("main :is(script, img, template, [onload], [onfocus], [onerror])").count() == 0
            ), path
        # They were there, as text.
        for payload in PAYLOADS:
            assert payload in shown
        page.goto(address + "/")
        page.keyboard.press("c")
        expect(page.locator("#calls-pane li").first).to_be_visible()
        assert page.evaluate("[window.ran, window.violations]") == [None, []]


def test_a_fault_form_with_hostile_values_is_text(browser: Browser, address: str) -> None:
    with opened(browser, address) as watched:
        page = watched.page
        page.add_init_script(WATCH)
        page.goto(address + "/")
        page.locator("details.disruptions > summary").click()
        page.locator("#calls-code").fill(ALL)
        page.locator("#calls-operation").fill(ALL)
        page.locator("#disrupt-calls button").click()
        expect(page.locator("#disrupt-calls").get_by_role("alert")).to_be_visible()
        expect(page.locator("#calls-operation")).to_have_value(ALL)
        page.locator("#callbacks-url").fill(PAYLOADS[0])
        page.locator("#disrupt-callbacks button").click()
        expect(page.locator(".in-force li")).to_contain_text(PAYLOADS[0])
        assert page.evaluate("[window.ran, window.violations]") == [None, []]
        watched.check()
