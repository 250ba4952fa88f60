"""What a server sends, in whatever pieces, is one reply or is unknown, and never another request's answer."""

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.outbound.servers import Peer, Script, answer_all, response, scripts, serving
from waypost.model.message.outcomes import Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply, find_header

TIMEOUT_S = 10.0

NOT_HTTP = Unknown("no whole answer (ClientResponseError)")
CUT_OFF = Unknown("no whole answer (ClientPayloadError)")
LOST = Unknown("connection lost before the answer (ServerDisconnectedError)")

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

# Name: bytes, status, body.
KEPT_ALIVE: dict[str, tuple[bytes, int, bytes]] = {
    "a length": (response(b"abc"), 200, b"abc"),
    "no body": (response(b""), 200, b""),
    "chunks": (CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n", 200, b"abcde"),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "a redirect": (response(b"", "Location: /x", status="302 Found"), 302, b""),
    "100 first": (b"HTTP/1.1 100 Continue\r\n\r\n" + response(b"abc"), 200, b"abc"),
    "103 first": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response(b"abc"), 200, b"abc"),
    "line feeds alone": (b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", 200, b"abc"),
    "odd characters": (response(b"abc", "X-A: a\x01b", "X-B: é"), 200, b"abc"),
    "no reason": (response(b"abc", status="200"), 200, b"abc"),
    "1.0 kept alive": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
        200,
        b"abc",
    ),
    "64 KiB": (response(b"x" * 65536), 200, b"x" * 65536),
}

CLOSED_AFTER: dict[str, tuple[bytes, int, bytes]] = {
    "until close": (b"HTTP/1.1 200 OK\r\n\r\nabc", 200, b"abc"),
    "another transfer coding, until close": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        200,
        b"abc",
    ),
    "Connection: close": (response(b"abc", "Connection: close"), 200, b"abc"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, b"abc"),
    "204 with a length": (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, b""),
    "304 with a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b""),
    "101": (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxx", 101, b""),
    "two answers": (response(b"one") + response(b"two"), 200, b"one"),
    "an answer and a byte": (response(b"one") + b"x", 200, b"one"),
    "a length that is too short": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", 200, b"ab"),
    "more than 64 KiB": (response(b"x" * 65537), 200, b"x" * 65536),
}

BROKEN: dict[str, tuple[bytes, Unknown]] = {
    "nothing": (b"", LOST),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-Le", LOST),
    "an interim answer alone": (b"HTTP/1.1 100 Continue\r\n\r\n", LOST),
    "half a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nabc", CUT_OFF),
    "half of the chunks": (CHUNKED + b"3\r\nabc\r\n", CUT_OFF),
    "chunks without their end": (CHUNKED + b"3\r\nabc\r\n0\r\n", CUT_OFF),
    "not HTTP": (b"220 smtp.example ESMTP\r\n", NOT_HTTP),
    "a broken chunk": (CHUNKED + b"zz\r\nabc\r\n", NOT_HTTP),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", NOT_HTTP),
    "a negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc", NOT_HTTP),
    "a length and chunks": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        NOT_HTTP,
    ),
    "a name with a space": (response(b"abc", "X Y: a"), NOT_HTTP),
}


def sends(data: bytes, size: int = 2**20) -> Script:
    """Answers one request with these bytes, in pieces, and closes."""

    async def script(peer: Peer) -> None:
        await peer.request()
        for start in range(0, len(data), size):
            await peer.send(data[start : start + size])
            # The client's turn, so that it reads this piece alone.
            await asyncio.sleep(0)

    return script


def then_serves(data: bytes) -> Script:
    """Answers the first request with these bytes and the later ones of the connection with their bodies."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(data)
        await answer_all(peer)

    return script


@pytest.mark.parametrize(("data", "status", "body"), KEPT_ALIVE.values(), ids=KEPT_ALIVE)
async def test_a_whole_answer_leaves_the_connection_for_the_next_request(
    data: bytes, status: int, body: bytes
) -> None:
    async with serving(then_serves(data)) as server, HttpClient() as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        first = await endpoint.exchange(b"1")
        second = await endpoint.exchange(b"2")
        assert isinstance(first, Reply)
        assert (first.status, first.body) == (status, body)
        assert isinstance(second, Reply)
        assert second.body == b"2"
        assert (server.connections, len(server.requests)) == (1, 2)


@pytest.mark.parametrize(("data", "status", "body"), CLOSED_AFTER.values(), ids=CLOSED_AFTER)
async def test_an_answer_after_which_the_connection_is_not_used_again(
    data: bytes, status: int, body: bytes
) -> None:
    async with serving(scripts(sends(data), answer_all)) as server, HttpClient() as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        first = await endpoint.exchange(b"1")
        second = await endpoint.exchange(b"2")
        assert isinstance(first, Reply)
        assert (first.status, first.body) == (status, body)
        assert isinstance(second, Reply)
        assert second.body == b"2"
        assert (server.connections, len(server.requests)) == (2, 2)


@pytest.mark.parametrize(("data", "outcome"), BROKEN.values(), ids=BROKEN)
async def test_an_answer_that_is_not_whole_is_unknown_and_not_requested_again(
    data: bytes, outcome: Unknown
) -> None:
    async with serving(scripts(sends(data), answer_all)) as server, HttpClient() as client:
        endpoint = client.endpoint("GET", server.url, timeout_s=TIMEOUT_S)
        assert await endpoint.exchange() == outcome
        assert len(server.requests) == 1
        assert isinstance(await endpoint.exchange(), Reply)
        assert (server.connections, len(server.requests)) == (2, 2)


@pytest.mark.parametrize(("data", "status", "body"), (KEPT_ALIVE | CLOSED_AFTER).values())
async def test_an_answer_in_single_bytes_is_the_same(data: bytes, status: int, body: bytes) -> None:
    if len(data) > 1000:
        data, body = response(b"x" * 300), b"x" * 300
    async with serving(sends(data, size=1)) as server, HttpClient() as client:
        reply = await client.endpoint("POST", server.url, timeout_s=TIMEOUT_S).exchange(b"1")
        assert isinstance(reply, Reply)
        assert (reply.status, reply.body) == (status, body)


async def test_a_broken_content_coding_is_unknown() -> None:
    broken = response(b"abc", "Content-Encoding: gzip")
    async with serving(then_serves(broken)) as server, HttpClient() as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        assert await endpoint.exchange(b"1") == CUT_OFF
        assert isinstance(await endpoint.exchange(b"2"), Reply)
        assert (server.connections, len(server.requests)) == (1, 2)


async def test_an_answer_to_head_has_no_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX-A: b\r\n\r\n"
    async with serving(scripts(sends(head), answer_all)) as server, HttpClient() as client:
        reply = await client.endpoint("HEAD", server.url, timeout_s=TIMEOUT_S).exchange()
        assert isinstance(reply, Reply)
        assert (reply.status, reply.header("x-a"), reply.body) == (200, "b", b"")


async def test_a_second_answer_that_comes_later_closes_the_connection() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(response(b"one"))
        # The client has read the first answer when the test sets this.
        await answered.wait()
        await peer.send(response(b"two"))
        await peer.closed_by_client()

    answered = asyncio.Event()
    async with serving(scripts(script, answer_all)) as server, HttpClient() as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        first = await endpoint.exchange(b"1")
        answered.set()
        # Sooner than the end of its idle time.
        await asyncio.wait_for(server.client_closed.wait(), 5)
        second = await endpoint.exchange(b"2")
        assert isinstance(first, Reply)
        assert isinstance(second, Reply)
        assert (first.body, second.body) == (b"one", b"2")
        assert server.connections == 2


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Long: " + b"a" * 1000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["headers", "one header", "interim answers"],
)
async def test_an_endless_head_is_not_read_to_its_end(start: bytes, part: bytes) -> None:
    sent = 0

    async def script(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.send(start)
        try:
            while sent < 2**26:
                await peer.send(part)
                sent += len(part)
        finally:
            peer.server.client_closed.set()

    async with serving(script) as server, HttpClient() as client:
        assert await client.endpoint("GET", server.url, timeout_s=TIMEOUT_S).exchange() == NOT_HTTP
        await server.client_closed.wait()
        # What the sockets of this machine hold, beside the 64 KiB that are read.
        assert sent < 2**25


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x" * 1000),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000),
        (CHUNKED, b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
        (CHUNKED, b"1\r\nx\r\n"),
    ],
    ids=["a length", "until close", "chunks", "chunks of one byte"],
)
async def test_of_an_endless_body_the_first_64_kib_are_kept(start: bytes, part: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(start)
        try:
            while True:
                await peer.send(part)
        finally:
            peer.server.client_closed.set()

    async with serving(script) as server, HttpClient() as client:
        reply = await client.endpoint("GET", server.url, timeout_s=TIMEOUT_S).exchange()
        assert isinstance(reply, Reply)
        assert reply.body == b"x" * 65536
        await server.client_closed.wait()


@pytest.mark.parametrize("part", [b"1;" + b"e" * 1000 + b"\r\nx\r\n", b"0\r\n" + b"T: t\r\n" * 1000])
async def test_endless_framing_is_not_read_to_its_end(part: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED)
        await peer.send(part)
        try:
            while True:
                await peer.send(part if part.startswith(b"1") else b"T: t\r\n" * 1000)
        finally:
            peer.server.client_closed.set()

    async with serving(script) as server, HttpClient() as client:
        outcome = await client.endpoint("GET", server.url, timeout_s=TIMEOUT_S).exchange()
        assert outcome == NOT_HTTP
        await server.client_closed.wait()


NAMES = st.sampled_from([b"date", b"Date", b"DATE", b"up", b"date-up", b"X-Date", b"", b"a\nb"])


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, st.binary(max_size=2)), max_size=6), st.sampled_from([b"date", b"up", b"x"]))
@example([(b"da", b"1"), (b"te", b"2")], b"date")
def test_a_header_is_the_first_field_of_its_name_in_any_case(
    headers: list[tuple[bytes, bytes]], name: bytes
) -> None:
    values = [value for field, value in headers if field.lower() == name]
    assert find_header(headers, name) == (values[0] if values else b"")
