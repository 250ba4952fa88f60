"""The sandbox's pages without a browser: who may use their buttons, what the field finds, and older rows."""

import html
import http.client
import re
import time
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from bench import load, signed
from tests.processes import Running, start_sandbox
from tests.sdk.callers import FREE, Sandbox, exchange, signed_call
from waypost.api.operations.catalogue import EVERY
from waypost.api.sdk_code.languages import LANGUAGES
from waypost.sandbox.view_page import STEPS_S

HTML = {"Accept": "text/html"}
PHONE = "4915112345678"


@pytest.fixture(scope="module")
def running() -> Any:
    with start_sandbox() as process:
        yield process


@pytest.fixture
def sandbox(running: Running) -> Sandbox:
    running.post("/sandbox/reset")
    return Sandbox(running)


def ask(
    running: Running, path: str, headers: dict[str, str], body: str | None = None
) -> tuple[int, str, str]:
    """Status, Location and text of an answer; a redirect is not followed."""
    connection = http.client.HTTPConnection(urlsplit(running.address).netloc, timeout=30)
    try:
        connection.request("GET" if body is None else "POST", path, body, HTML | headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("location", ""), answer.read().decode()
    finally:
        connection.close()


def page(running: Running, path: str) -> str:
    status, _, text = ask(running, path, {})
    assert status == 200
    return text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "own"}, 403),
        ({"Origin": "own"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "own"}, 303),
    ],
)
@pytest.mark.parametrize("path", ["/view/clock", "/@other/view/clock"])
def test_only_a_page_of_the_sandbox_may_change_it(
    running: Running, headers: dict[str, str], status: int, path: str
) -> None:
    own = {name: running.address if value == "own" else value for name, value in headers.items()}
    before = running.get("/sandbox/clock")["ahead_seconds"]
    assert ask(running, path, own, "by=60")[0] == status
    moved = running.get("/sandbox/clock")["ahead_seconds"] - before
    expected = 60 if status == 303 and not path.startswith("/@") else 0
    # The clock runs on while what is due already is done.
    assert abs(moved - expected) < 1


@pytest.mark.parametrize("path", ["/view/clock", "/view/phone", "/view/stories"])
def test_every_form_needs_it(sandbox: Sandbox, path: str) -> None:
    running = sandbox.process
    assert ask(running, path, {}, f"by=60&number={PHONE}&action=read")[0] == 403
    assert ask(running, path, {})[0] == 405
    assert running.get("/sandbox/calls")["calls"] == []


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/view/clock", "by=61", "by must be one of: next, 60, 3600, 43200"),
        ("/view/clock", "by=next", "nothing waits for a time"),
        ("/view/phone", "action=dance", "action must be one of: reply, tap, read, block, unblock"),
        ("/view/phone", f"action=read&number={PHONE}", "nobody has written to this phone"),
    ],
)
def test_what_cannot_be_done_is_answered_with_the_reason(
    sandbox: Sandbox, path: str, body: str, words: str
) -> None:
    own = {"Origin": sandbox.process.address}
    status, _, text = ask(sandbox.process, path, own, body)
    assert (status, words in text) == (400, True)
    status, _, text = ask(sandbox.process, path, own | {"HX-Request": "true"}, body)
    assert (status, words in text, "<html" in text) == (200, True, False)


def test_the_buttons_are_the_steps(sandbox: Sandbox) -> None:
    assert re.findall(r'name="by" value="(\d+)"', page(sandbox.process, "/")) == list(STEPS_S)


def test_the_field_finds_every_kind_of_id(sandbox: Sandbox) -> None:
    message_id = sandbox.send(**FREE, to=PHONE)
    sandbox.advance(5)
    request_id = sandbox.process.get("/sandbox/calls")["calls"][-1]["request_id"]

    def found(query: str, root: str = "") -> tuple[int, str]:
        return ask(sandbox.process, f"{root}/find?q={quote(query)}", {})[:2]

    assert found(message_id) == (303, f"/messages/{message_id}")
    assert found(f" {request_id.lower()} ") == (303, f"/calls/{request_id}")
    assert found(f"+{PHONE}") == (303, f"/phones/{PHONE}")
    assert found("missingto")[0] == 404
    assert found("MissingTo") == (303, "/errors/MissingTo")
    assert found("sendchatappmessage") == (303, "/reference/SendChatappMessage")
    assert found("SendChatappMessage", "/@mine") == (303, "/@mine/reference/SendChatappMessage")
    assert found(message_id, "/@mine")[0] == 404
    assert found("")[0] == 404


def test_a_refused_call_has_a_page_with_its_reason(sandbox: Sandbox) -> None:
    refusal = sandbox.refused(**{**FREE, "to": PHONE, "label": "news"})
    text = page(sandbox.process, f"/calls/{refusal.body['RequestId']}")
    assert refusal.code in text
    assert "allowed are promotion, transaction" in text
    assert f"<code>{PHONE}</code>" in text


def test_the_page_of_a_call_has_it_as_code(sandbox: Sandbox) -> None:
    hostile = "</code><script>alert(1)</script>"
    sent = sandbox.answer(**{**FREE, "to": PHONE, "tag": hostile})
    text = page(sandbox.process, f"/calls/{sent['RequestId']}")
    assert hostile not in text
    blocks = [html.unescape(block) for block in re.findall(r"<pre[^>]*><code>(.*?)</code>", text, re.DOTALL)]
    assert len(blocks) == len(LANGUAGES)
    for code in blocks:
        assert PHONE in code
        assert sandbox.process.endpoint.partition(":")[2] in code
        assert "ALIBABA_CLOUD_ACCESS_KEY_SECRET" in code
        assert "SignatureNonce" not in code


def all_rows(running: Running, link: str, row: str, within: tuple[str, str]) -> list[str]:
    """What `row` finds between two texts, on each page from the newest on."""
    path, found = "/", []
    for _ in range(50):
        text = page(running, path)
        found += re.findall(row, text[text.index(within[0]) : text.index(within[1])])
        older = re.search(rf'href="([^"]*)">{link}</a>', text)
        if older is None:
            return found
        path = "/" + older[1].replace("&amp;", "&")
    raise AssertionError(f"{link} leads on and on")


def test_older_rows_follow_without_a_gap(sandbox: Sandbox) -> None:
    numbers = [f"49151123450{n:02}" for n in range(25)]
    sent = [sandbox.send(**FREE, to=number) for number in numbers]
    sandbox.advance(60)
    running = sandbox.process
    heads = [f'id="{column}-head"' for column in ("phones", "calls", "callbacks")]
    calls = all_rows(running, "Older calls", r'/messages/(\d+)"', (heads[1], heads[2]))
    assert calls == sent[::-1]
    phones = all_rows(
        running, "Older phones", r'<article class="phone" id="phone-(\d+)"', (heads[0], heads[1])
    )
    assert sorted(phones) == numbers
    callbacks = all_rows(running, "Older callbacks", r'<li id="callback-(\d+)"', (heads[2], "</main>"))
    ids = [str(one["id"]) for one in running.get("/sandbox/callbacks")["callbacks"]]
    assert len(ids) > 25
    assert callbacks == ids[::-1]


def test_a_phone_shows_older_messages(sandbox: Sandbox) -> None:
    for n in range(53):
        sandbox.send(**{**FREE, "content": f'{{"text":"number {n:02}"}}'}, to=PHONE)
    sandbox.advance(5)
    text = page(sandbox.process, f"/phones/{PHONE}")
    latest = re.findall(r"number (\d\d)", text)
    older = re.search(r'href="(/phones/\d+\?before=\d+)">Older messages', text)
    assert older
    first = re.findall(r"number (\d\d)", page(sandbox.process, older[1]))
    assert (len(first), len(latest)) == (3, 50)
    assert sorted(first + latest) == [f"{n:02}" for n in range(53)]


@pytest.mark.parametrize(("to", "doubled"), [("4915112340004", True), ("4915112340002", False)])
def test_a_late_delivery_is_marked_as_double(sandbox: Sandbox, to: str, doubled: bool) -> None:
    late = {**FREE, "ttl": 3600, "fall_back_id": "S_000001", "fall_back_duration": 120}
    message_id = sandbox.send(**late, to=to)
    sandbox.advance(600)
    text = page(sandbox.process, f"/messages/{message_id}")
    assert ("Delivered twice" in text) is doubled
    assert "no delivered receipt came in time" in text
    assert "leg 1 sms, attempt 1" in text


def test_a_message_shows_what_comes_next_and_when(sandbox: Sandbox) -> None:
    message_id = sandbox.send(
        **{**FREE, "fall_back_id": "S_000001", "fall_back_duration": 120}, to="4915112340002"
    )
    sandbox.advance(5)
    text = page(sandbox.process, f"/messages/{message_id}")
    assert "the fallback starts: leg 0, in 1.9 min" in text
    assert 'class="timer"' in text


def test_the_language_is_that_of_the_query_then_the_choice_then_the_browser(running: Running) -> None:
    def language(path: str, headers: dict[str, str]) -> str:
        found = re.search(r'<html lang="(\w+)">', ask(running, path, headers)[2])
        assert found
        return found[1]

    assert language("/", {}) == "en"
    assert language("/", {"Accept-Language": "zh-CN,en;q=0.8"}) == "zh"
    assert language("/", {"Accept-Language": "fr, zh;q=0.5"}) == "zh"
    assert language("/", {"Accept-Language": "zh", "Cookie": "waypost_lang=en"}) == "en"
    assert language("/?lang=zh", {"Cookie": "waypost_lang=en"}) == "zh"
    assert language("/?lang=xx", {}) == "en"


def test_a_page_is_not_longer_than_it_may_be(sandbox: Sandbox) -> None:
    for n in range(40):
        sandbox.send(**FREE, to=f"49151123450{n:02}")
    sandbox.advance(5)
    parts = ("/", "/style.css", "/page.js", "/htmx.js")
    assert sum(len(page(sandbox.process, path).encode()) for path in parts) < 200_000


@pytest.mark.long
@pytest.mark.quiet
@pytest.mark.timeout(400)
def test_ten_thousand_messages_do_not_slow_it() -> None:
    with start_sandbox() as process:
        sandbox = Sandbox(process)
        load.run(process.port, signed.requests(5000, process.port, last_digits="5678"), 16)
        load.run(process.port, signed.requests(5000, process.port, To=PHONE), 16)
        sandbox.advance(60)
        began = time.monotonic()
        assert page(process, "/").count('class="phone"') == 6
        assert time.monotonic() - began < 1.0
        began = time.monotonic()
        assert "Older messages" in page(process, f"/phones/{PHONE}")
        assert time.monotonic() - began < 1.0


def test_whatever_was_called_and_pushed_the_page_shows_it(running: Running, sandbox: Sandbox) -> None:
    """Calls of every operation with its examples, accepted or refused, and callbacks of all kinds."""
    for name, endpoint in EVERY.items():
        examples = {each.name: each.example for each in endpoint.operation.parameters if each.example}
        for parameters in ({}, examples):
            target, headers = signed_call(running.endpoint, name, "sandbox", query=parameters)
            exchange(sandbox, target, headers)
        page(running, "/")
    sandbox.send(**{**FREE, "to": "4915112340010"})
    running.advance(10)
    running.post("/sandbox/phones/4915112340010/reply", {"text": "<b>hello</b>"})
    running.advance(600)
    kinds = {each["kind"] for each in running.get("/sandbox/callbacks")["callbacks"]}
    assert {"ChatAppStatus", "ChatAppInbound", "ChatAppAudit"} <= kinds
    assert {each["code"] for each in running.get("/sandbox/calls")["calls"]} > {"OK"}
    for call in running.get("/sandbox/calls?limit=1000")["calls"]:
        page(running, f"/calls/{call['request_id']}")
    assert "<b>hello</b>" not in page(running, "/")
    page(running, "/phones/4915112340010")


@pytest.mark.parametrize("path", ["/", "/here", "/errors/MissingTo", "/reference", "/doctor", "/nowhere"])
def test_the_bar_of_a_sandbox_with_a_name_stays_in_it(running: Running, path: str) -> None:
    text = ask(running, f"/@mine{path}", {})[2]
    bar = text[text.index("<header") : text.index("</header>")]
    links = re.findall(r'(?:href|action)="([^"?]+)', bar)
    assert len(links) > 6
    assert [link for link in links if not link.startswith("/@mine/")] == []
    assert 'data-opened="/@mine/view/changes?of=calls"' in text
    for link in links:
        assert ask(running, link, {})[0] in (200, 404 if link.endswith("/find") else 200), link
