"""A sandbox in which something of everything has been, and the pages of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from tests.api.flawed_clients import PARAMETERS, SECRET, pairs_of, v3_request
from tests.browser.chromium import Watched, opened
from tests.browser.test_sandbox_view import READER, send
from tests.processes import Running
from waypost.api.request import Call

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
WORST = ("serious", "critical")
STAMP = "2026-01-31T08:00:00Z"


class Filled(NamedTuple):
    """A sandbox and the paths of its pages by what they show."""

    address: str
    paths: dict[str, str]


def filled_sandbox(process: Running) -> Filled:
    """Sends what the pages show."""
    address = f"{process.address}/@filled"
    message_id = send(address, "hello", TaskId="spring")["MessageId"]
    send(address, "an SMS follows", to="4915112340001", FallBackId="S_000001")
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes-1"}]]}
    content = json.dumps({"type": "sendMessage", "sendMessage": {"text": "Come?", "reply_markup": keyboard}})
    send(
        address,
        "",
        **{"ChannelType": "telegram", "From": "20002", "MessageType": "interactive", "Content": content},
    )
    refused = send(address, "x", Label="neither", Ttl="1")
    request_id = refused["RequestId"]
    return Filled(
        address,
        {
            "sandbox": "/",
            "message": f"/messages/{message_id}",
            "phone": f"/phones/{READER}",
            "task": "/tasks/spring",
            "call": f"/calls/{request_id}",
            "calls": "/calls",
            "explorer": "/explorer",
            "form": "/explorer/SendChatappMessage?ChannelType=viber&Type=message&example=1",
            "empty form": "/explorer/CreateChatappTemplate",
            "here": "/here",
            "nothing found": "/find?q=nothing",
            "refused call": f"/errors?{urlencode({'q': refused['Code'], 'requestId': request_id})}",
            "errors": "/errors",
            "search": "/errors?q=template",
            "error": "/errors/MissingTo",
            "reference": "/reference",
            "operation": "/reference/SendChatappMessage",
            "parameter": "/reference/SendChatappMessage#Ttl",
            "coverage": "/coverage",
            "doctor": "/doctor",
            "not found": "/nowhere",
        },
    )


def flawed_request() -> str:
    """A request with a mistake in its signature, as the doctor takes it."""
    call: Call = v3_request(query=pairs_of(PARAMETERS).replace("%20", "+"), stamp=STAMP)
    head = [f"{call.method} /?{call.raw_query} HTTP/1.1"]
    return "\n".join([*head, *(f"{name}: {value}" for name, value in call.headers.items()), "", ""])


def examine(page: Page) -> None:
    """Has the doctor examine a request, on its page."""
    page.locator("#request").fill(flawed_request())
    page.locator("#secret").fill(SECRET)
    page.locator("form.doctor button").click()
    page.locator("#causes").wait_for()


@contextmanager
def opened_pages(browser: Browser, filled: Filled, **options: Any) -> Iterator[Iterator[tuple[str, Watched]]]:
    """A browser's page that goes from page to page, and at last to what the doctor says."""
    with opened(browser, filled.address, **options) as watched:
        yield _visited(watched, filled)


def _visited(watched: Watched, filled: Filled) -> Iterator[tuple[str, Watched]]:
    for name, path in filled.paths.items():
        # A page that is not there is an error in the console of a browser.
        is_missing = name in ("nothing found", "not found")
        watched.page.goto(filled.address + path)
        if is_missing:
            assert len(watched.errors) == 1
            assert "404" in watched.errors.pop()
        yield name, watched
    watched.page.goto(filled.address + filled.paths["doctor"])
    examine(watched.page)
    yield "diagnosis", watched


def violations(page: Page) -> list[str]:
    """What axe-core finds on a page that keeps people from using it: the rule and where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in WORST
        for node in each["nodes"]
    ]
