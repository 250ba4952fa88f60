"""The order of answers on a connection, and clients that do not read or close their side of it."""

import asyncio
from collections.abc import Iterator

import pytest
import uvloop

from tests.server.http_server import Application, connected, running_server
from waypost.server.http_bounds import Bounds


@pytest.fixture(
    params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"], autouse=True
)
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner


def ok(*queries: str) -> list[tuple[int, str]]:
    return [(200, query) for query in queries]


async def test_pipelined_requests_are_answered_in_their_order_though_the_first_is_slow() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client, connected(server) as other:
        client.send("/?hold", "/?b", "/asgi?c", "/?d")
        await application.until_begun("hold")
        other.send("/?other")
        assert await other.answer() == (200, "other")
        assert application.begun == ["hold", "other"]
        application.release("hold")
        assert await client.answers(4) == ok("hold", "b", "c", "d")
        assert application.begun == ["hold", "other", "b", "c", "d"]


async def test_many_requests_in_one_packet() -> None:
    application = Application()
    queries = [str(number) for number in range(3000)]
    async with running_server(application) as server, connected(server) as client:
        client.send(*(f"/?{query}" for query in queries))
        assert await client.answers(3000) == ok(*queries)


async def test_requests_that_come_while_one_is_answered_wait_for_it() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?hold1")
        await application.until_begun("hold1")
        client.send("/?hold2")
        client.send("/?c")
        application.release("hold1")
        assert await client.answer() == (200, "hold1")
        await application.until_begun("hold2")
        assert application.begun == ["hold1", "hold2"]
        application.release("hold2")
        assert await client.answers(2) == ok("hold2", "c")


async def test_no_request_is_begun_for_a_client_that_does_not_read() -> None:
    application = Application(b"x" * 500_000)
    # A small limit: the client's own loop reads no more than that ahead.
    async with (
        running_server(application) as server,
        connected(server, limit=1024) as client,
        connected(server) as other,
    ):
        client.send(*(f"/?{number}" for number in range(200)))
        await server.paused.wait()
        begun = len(application.begun)
        assert begun < 100
        client.send(*(f"/?{number}" for number in range(200, 400)))
        for _ in range(3):
            other.send("/?other")
            await other.answer()
        assert len(application.begun) - application.begun.count("other") <= begun + 3
        answered = [(await client.answer())[1].lstrip("x") for _ in range(400)]
        assert answered == [str(number) for number in range(400)]


async def test_a_client_that_closed_its_side_gets_its_answers() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?hold")
        client.writer.write_eof()
        await server.half_closed.wait()
        application.release("hold")
        assert await client.answer() == (200, "hold")
        assert await client.ended()


async def test_a_client_that_closed_its_side_gets_all_its_answers() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?hold", "/?b")
        client.writer.write_eof()
        await application.until_begun("hold")
        application.release("hold")
        assert await client.answers(2) == ok("hold", "b")
        assert await client.ended()


async def test_an_incomplete_request_of_a_client_that_closed_its_side_is_not_begun() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?hold")
        client.send("/?b", method="POST", headers="Content-Length: 9\r\n")
        client.writer.write_eof()
        await application.until_begun("hold")
        application.release("hold")
        assert await client.answer() == (200, "hold")
        assert await client.ended()
        assert application.begun == ["hold"]


@pytest.mark.long
async def test_nothing_is_read_from_a_client_whose_requests_wait() -> None:
    application = Application()
    query = "x" * 1000
    async with running_server(application) as server, connected(server) as client, connected(server) as other:
        client.send("/?hold", "/?b")
        await application.until_begun("hold")
        client.send(*[f"/?{query}"] * 20_000)
        for _ in range(5):
            other.send("/?other")
            await other.answer()
        assert server.bytes_received < 2_000_000
        application.release("hold")
        assert await client.answers(20_002) == ok("hold", "b", *[query] * 20_000)


async def test_a_client_that_closed_its_side_without_a_request_is_disconnected() -> None:
    async with running_server(Application()) as server, connected(server) as client:
        client.writer.write(b"GET / HT")
        client.writer.write_eof()
        assert await client.ended()


async def test_a_request_over_asgi_learns_that_its_client_has_gone() -> None:
    application = Application()
    async with running_server(application) as server:
        async with connected(server) as client:
            client.send("/asgi?hold")
            await application.until_begun("hold")
        await application.until_begun("hold disconnected")


async def test_an_answer_to_a_client_that_has_gone_ends_its_connection() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as other:
        async with connected(server) as client:
            client.send("/?hold")
            await application.until_begun("hold")
        application.release("hold")
        while len(server.connections) == 2:
            other.send("/?other")
            assert await other.answer() == (200, "other")


async def test_an_answer_after_its_connection_is_lost_is_dropped() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as other:
        async with connected(server) as client:
            client.send("/?hold")
            await application.until_begun("hold")
            reply = application.held["hold"]
        application.release("hold")
        while len(server.connections) == 2:
            other.send("/?other")
            await other.answer()
        reply(application.answer("again"))
        other.send("/?last")
        assert await other.answer() == (200, "last")


async def test_after_connection_close_nothing_is_begun() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?a", "/?b", headers="Connection: close\r\n")
        assert await client.answer() == (200, "a")
        assert await client.ended()
        assert application.begun == ["a"]


async def test_http_1_0_is_answered_once() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?a", "/?b", version="1.0", headers="Connection: keep-alive\r\n")
        assert await client.answer() == (200, "a")
        assert await client.ended()


async def test_what_is_malformed_is_refused_after_the_requests_before_it() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send("/?hold", "/?b")
        client.writer.write(b"what is this\r\n\r\n")
        await application.until_begun("hold")
        application.release("hold")
        assert await client.answers(2) == ok("hold", "b")
        assert await client.answer() == (400, "Invalid HTTP request received.")
        assert await client.ended()


async def test_what_follows_a_request_for_an_upgrade_is_http() -> None:
    application = Application()
    async with running_server(application) as server, connected(server) as client:
        client.send(
            *(f"/?{number}" for number in range(2000)), headers="Connection: Upgrade\r\nUpgrade: w\r\n"
        )
        assert await client.answers(2000) == ok(*map(str, range(2000)))


async def test_an_idle_connection_is_closed_and_a_busy_one_is_not() -> None:
    application = Application()
    async with running_server(application, Bounds(idle_s=0.1)) as server, connected(server) as busy:
        busy.send("/?hold")
        await application.until_begun("hold")
        async with connected(server) as idle, connected(server) as silent:
            idle.send("/?a")
            assert await idle.answer() == (200, "a")
            assert await idle.ended()
            assert await silent.ended()
        application.release("hold")
        assert await busy.answer() == (200, "hold")
        assert await busy.ended()
