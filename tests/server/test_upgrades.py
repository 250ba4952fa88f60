"""A request that asks for another protocol is answered in this one, with its body.

The HTTP client of the Java standard library asks for HTTP/2 with the first request of a connection.
"""

import asyncio

import pytest

from tests.server.http_server import Application, connected, running_server
from waypost.server.http_bounds import Bounds

UPGRADE = b"Host: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
# What would be a request of its own, if it were not a body.
BODY = b"GET /?smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
FRAMINGS = {
    "length": (b"Content-Length: %d\r\n\r\n" % len(BODY), BODY),
    "chunked": (b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)),
    "in lower case": (b"content-length:%d\r\n\r\n" % len(BODY), BODY),
}


def request(target: bytes, framing: str) -> bytes:
    head, body = FRAMINGS[framing]
    return b"POST %b HTTP/1.1\r\n%b%b%b" % (target, UPGRADE, head, body)


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("path", [b"/", b"/asgi"])
async def test_its_body_is_its_own(path: bytes, framing: str) -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        two = request(path + b"?a", framing) + request(path + b"?b", framing)
        client.writer.write(two + b"GET /?c HTTP/1.1\r\nHost: h\r\n\r\n")
        shown = BODY.decode() if path == b"/asgi" else ""
        assert await client.answers(3) == [(200, f"a{shown}"), (200, f"b{shown}"), (200, "c")]
        assert application.begun == ["a", "b", "c"]
        assert [each.body for each in application.requests if each.query != b"c"] == (
            [] if path == b"/asgi" else [BODY, BODY]
        )


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_it_may_come_in_any_pieces(framing: str) -> None:
    application = Application()
    whole = request(b"/?a", framing)
    async with running_server(application) as server:
        for place in range(1, len(whole)):
            async with connected(server) as client:
                before = server.bytes_received
                client.writer.write(whole[:place])
                while server.bytes_received - before < place:  # noqa: ASYNC110 - the server counts them
                    await asyncio.sleep(0)
                client.writer.write(whole[place:] + b"GET /?b HTTP/1.1\r\nHost: h\r\n\r\n")
                assert await client.answers(2) == [(200, "a"), (200, "b")]
    assert {each.body for each in application.requests if each.query == b"a"} == {BODY}
    assert "smuggled" not in application.begun


async def test_without_a_body_what_follows_is_the_next_request() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        empty = b"POST /?a HTTP/1.1\r\n%bContent-Length: 0\r\n\r\n" % UPGRADE
        none = b"GET /?b HTTP/1.1\r\n%b\r\n" % UPGRADE
        client.writer.write(empty + none + empty)
        assert await client.answers(3) == [(200, "a"), (200, "b"), (200, "a")]


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"Transfer-Encoding: gzip\r\n\r\nhello",
    ],
)
async def test_a_body_of_no_certain_length_is_refused(framing: bytes) -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.writer.write(b"POST /?a HTTP/1.1\r\n%b%b" % (UPGRADE, framing))
        assert (await client.answer())[0] == 400
        assert await client.ended()
        assert "smuggled" not in application.begun


async def test_its_body_counts_against_the_same_bound() -> None:
    application = Application()
    async with running_server(application, Bounds(body=100, large_body=200)) as server:
        async with connected(server) as client:
            head = b"POST /?a HTTP/1.1\r\n%bContent-Length: 201\r\n\r\n" % UPGRADE
            client.writer.write(head + b"x" * 201)
            assert (await client.answer())[0] == 200
        assert application.requests[0].is_too_long
        async with connected(server) as client:
            client.writer.write(head.replace(b"?a", b"?large") + b"x" * 200)
            client.writer.write(b"x")
            assert (await client.answer())[0] == 200
        assert application.requests[1].is_too_long
