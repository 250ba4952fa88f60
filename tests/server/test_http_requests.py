"""How requests are read: bodies, bounds, and what a client gets meanwhile."""

import asyncio
from collections.abc import Iterator

import pytest
import uvloop

from tests.server.http_server import Application, connected, running_server
from waypost.api.http_messages import HttpRequest
from waypost.server.http_bounds import Bounds


@pytest.fixture(
    params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"], autouse=True
)
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner


SMALL = Bounds(head=500, body=10)


async def test_a_handler_gets_the_whole_request() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/receipts/r%20s?a=%41", method="POST", headers="X-One: 1\r\nContent-Length: 4\r\n")
        client.writer.write(b"bo")
        await client.writer.drain()
        client.writer.write(b"dy")
        assert await client.answer() == (200, "a=%41")
    assert application.requests == [
        HttpRequest(
            "POST",
            "/receipts/r s",
            b"a=%41",
            [(b"Host", b"h"), (b"X-One", b"1"), (b"Content-Length", b"4")],
            "127.0.0.1",
            body=b"body",
        )
    ]


@pytest.mark.parametrize("path", ["/", "/asgi"])
async def test_a_chunked_body(path: str) -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send(f"{path}?q", method="POST", headers="Transfer-Encoding: chunked\r\n")
        for chunk in (b"2\r\nbo\r\n", b"2\r\ndy\r\n", b"0\r\n\r\n"):
            client.writer.write(chunk)
            await client.writer.drain()
        assert (await client.answer())[1] == ("q" if path == "/" else "qbody")
        client.send("/?next")
        assert await client.answer() == (200, "next")
    assert path != "/" or application.requests[0].body == b"body"


async def test_trailers_of_a_chunked_body_are_no_headers() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?q", method="POST", headers="Transfer-Encoding: chunked\r\n")
        client.writer.write(b"2\r\nab\r\n0\r\nAuthorization: mine\r\nX-Two: 2\r\n\r\n")
        client.send("/?next", headers="X-Own: 1\r\n")
        assert await client.answers(2) == [(200, "q"), (200, "next")]
    first, second = ([name for name, _ in request.headers] for request in application.requests)
    assert (first, second) == ([b"Host", b"Transfer-Encoding"], [b"Host", b"X-Own"])


@pytest.mark.parametrize("path", ["/", "/asgi"])
async def test_a_long_body_reaches_its_reader_whole(path: str) -> None:
    application = Application()
    body = "0123456789" * 100_000
    async with running_server(application) as server, connected(server) as client:
        client.send(f"{path}?q", method="POST", headers=f"Content-Length: {len(body)}\r\n")
        client.writer.write(body.encode())
        answered = (await client.answer())[1]
    received = application.requests[0].body.decode() if path == "/" else answered.removeprefix("q")
    assert received == body


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_long_is_left_out_and_the_connection_goes_on(chunked: bool) -> None:
    application = Application()
    async with running_server(application, SMALL) as server, connected(server) as client:
        framing = "Transfer-Encoding: chunked" if chunked else "Content-Length: 30"
        client.send("/?long", method="POST", headers=f"{framing}\r\n")
        client.writer.write(b"b\r\nhello world\r\n" if chunked else b"hello world")
        # It is answered before it is complete.
        assert await client.answer() == (200, "long")
        client.writer.write(b"3\r\n...\r\n0\r\n\r\n" if chunked else b"." * 19)
        client.send("/?fits", method="POST", headers="Content-Length: 10\r\n")
        client.writer.write(b"0123456789")
        assert await client.answer() == (200, "fits")
    assert [(request.is_too_long, request.body) for request in application.requests] == [
        (True, b""),
        (False, b"0123456789"),
    ]


async def test_a_head_that_is_too_long_is_refused_after_the_requests_before_it() -> None:
    application = Application()
    async with running_server(application, SMALL) as server, connected(server) as client:
        client.send("/?hold")
        await application.until_begun("hold")
        for _ in range(10):
            client.writer.write(b"GET /?" + b"x" * 60 if _ == 0 else b"x" * 60)
            await client.writer.drain()
        application.release("hold")
        assert await client.answer() == (200, "hold")
        status, text = await client.answer()
        assert (status, "longer than 500 bytes" in text) == (431, True)
        assert await client.ended()


async def test_each_request_has_its_own_bound() -> None:
    async with running_server(Application(), SMALL) as server, connected(server) as client:
        for number in range(5):
            target = f"/?{number}{'x' * 400}"
            client.send(target)
            assert await client.answer() == (200, target[2:])


@pytest.mark.parametrize("path", ["/", "/asgi"])
async def test_100_continue_is_sent_when_it_is_the_turn_of_the_request(path: str) -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?hold")
        expecting = "Expect: 100-Continue\r\nContent-Length: 4\r\n"
        client.send(f"{path}?q", method="POST", headers=expecting)
        await application.until_begun("hold")
        application.release("hold")
        assert await client.answer() == (200, "hold")
        assert await client.reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert await client.reader.readline() == b"\r\n"
        client.writer.write(b"body")
        assert (await client.answer())[1] == ("q" if path == "/" else "qbody")


@pytest.mark.parametrize("path", ["/", "/asgi"])
async def test_head_has_the_length_and_no_body(path: str) -> None:
    async with running_server(Application()) as server, connected(server) as client:
        client.send(f"{path}?query", method="HEAD")
        lines = []
        while (line := (await client.reader.readline()).strip()) != b"":
            lines.append(line)
        assert lines[0] == b"HTTP/1.1 200 OK"
        assert path == "/asgi" or b"content-length: 5" in lines
        client.send("/?next")
        assert await client.answer() == (200, "next")


@pytest.mark.parametrize(
    "wrong", [b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"CONNECT h:1 HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_request_is_refused(wrong: bytes) -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.writer.write(wrong)
        assert await client.answer() == (400, "Invalid HTTP request received.")
        assert await client.ended()
    assert application.begun == []


async def test_a_broken_body_ends_the_request_that_reads_it() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/asgi?q", method="POST", headers="Transfer-Encoding: chunked\r\n")
        await application.until_begun("q")
        client.writer.write(b"no length\r\n")
        assert await client.answer() == (400, "Invalid HTTP request received.")
        assert await client.ended()
        await application.until_begun("q disconnected")


async def test_closing_answers_what_is_begun_and_nothing_else() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as busy, connected(server) as idle:
        idle.send("/?idle")
        await idle.answer()
        busy.send("/?hold", "/?b")
        await application.until_begun("hold")
        closing = asyncio.ensure_future(server.connections.close(20))
        assert await idle.ended()
        application.release("hold")
        assert await busy.answer() == (200, "hold")
        assert await busy.ended()
        await closing
        assert application.begun == ["idle", "hold"]


async def test_closing_waits_no_longer_than_it_may() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?hold")
        await application.until_begun("hold")
        await server.connections.close(0.01)
        assert len(server.connections) == 1
        application.release("hold")
        assert await client.answer() == (200, "hold")
