"""What the handler of calls gets from the explorer, and how many calls may be under way."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from waypost.api.http_messages import NO_ANSWER, HttpAnswer, HttpRequest, Reply
from waypost.api.operations.catalogue import EVERY
from waypost.console.explorer.signed_run import SignedRuns, TooManyRunsError

SEND = EVERY["SendChatappMessage"].operation
ANSWER = HttpAnswer(
    400,
    (("content-type", "application/json;charset=utf-8"),),
    b'{"RequestId":"R-1","Code":"InvalidTo","Message":"no","MessageId":null,"Nested":{"a":[1]}}',
)


class Handler:
    """Keeps the requests that come, and answers when it is let."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []
        self.replies: list[Reply] = []

    def __call__(self, request: HttpRequest, reply: Reply) -> None:
        self.requests.append(request)
        self.replies.append(reply)


def browser(scheme: str = "https", client: str = "192.0.2.7") -> Request:
    scope: dict[str, Any] = {
        "type": "http",
        "scheme": scheme,
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"chat.example:8443")],
        "client": (client, 1),
    }
    return Request(scope)


async def test_a_call_comes_from_the_address_of_the_browser() -> None:
    handler = Handler()
    run = asyncio.create_task(SignedRuns(handler, 1).run(browser(), SEND, {"To": "a b&c"}, "k", "s", "token"))
    await asyncio.sleep(0)
    [request] = handler.requests
    headers = dict(request.headers)
    assert (request.peer, request.secure, request.method, request.path) == ("192.0.2.7", True, "POST", "/")
    assert request.query == b"To=a%20b%26c"
    assert headers[b"host"] == b"chat.example:8443"
    assert headers[b"x-acs-security-token"] == b"token"
    assert b"x-acs-security-token" in headers[b"authorization"]
    assert b"Credential=k," in headers[b"authorization"]
    handler.replies[0](ANSWER)
    # A handler that answers once more changes nothing.
    handler.replies[0](NO_ANSWER)
    answer = await run
    assert (answer.status, answer.code, answer.message, answer.request_id) == (400, "InvalidTo", "no", "R-1")
    assert '\n  "Nested": {' in answer.body


async def test_so_many_calls_are_under_way_and_no_more() -> None:
    handler = Handler()
    runs = SignedRuns(handler, 2)
    under_way = [asyncio.create_task(runs.run(browser(), SEND, {}, "k", "s")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyRunsError):
        await runs.run(browser(), SEND, {}, "k", "s")
    handler.replies[0](NO_ANSWER)
    assert (await under_way[0]).status == 0
    last = asyncio.create_task(runs.run(browser(), SEND, {}, "k", "s"))
    await asyncio.sleep(0)
    for reply in handler.replies[1:]:
        reply(ANSWER)
    assert (await last).status == (await under_way[1]).status == 400
    assert len(handler.requests) == 3


async def test_a_long_answer_is_cut_and_one_that_is_no_json_is_shown_as_it_is() -> None:
    for body, is_cut in ((b"x" * 300_000, True), (b"<html>", False)):
        handler = Handler()
        run = asyncio.create_task(SignedRuns(handler, 1).run(browser(), SEND, {}, "k", "s"))
        await asyncio.sleep(0)
        handler.replies[0](HttpAnswer(200, (), body))
        answer = await run
        assert (answer.is_cut, answer.body[:1]) == (is_cut, body[:1].decode())


async def test_an_answer_that_does_not_come_is_waited_for_no_longer() -> None:
    handler = Handler()
    runs = SignedRuns(handler, 1, longest_wait=0.01)
    with pytest.raises(TimeoutError):
        await runs.run(browser(), SEND, {}, "k", "s")
    # It comes too late, and its place is free.
    handler.replies[0](ANSWER)
    with pytest.raises(TimeoutError):
        await runs.run(browser(), SEND, {}, "k", "s")
