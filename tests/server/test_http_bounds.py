"""The bounds of connections: what is counted, who is closed, and when."""

import asyncio
import itertools

import pytest
import structlog

from tests.server.http_server import Application, HttpServer, connected, running_server
from waypost.server.bounded_log import LINES_PER_SECOND, BoundedLog
from waypost.server.connections import Connections
from waypost.server.http_bounds import LONGEST_PATH, LONGEST_VALUE, Bounds
from waypost.server.http_deadlines import Phase, Progress
from waypost.server.open_files import RESERVED_FILES, raise_file_limit

BOUNDS = Bounds(head_s=10, body_s=10, idle_s=75, rate=100)


@pytest.mark.parametrize(
    ("phase", "seen", "overdue_at"),
    [
        # What was seen at each second from 1 on, and the second at which the client has taken too long.
        (Phase.IDLE, itertools.repeat(0), 75),
        (Phase.HEAD, itertools.count(0, 50), 10),
        (Phase.BODY, itertools.repeat(0), 10),
        (Phase.BODY, itertools.count(0, 99), 10),
        (Phase.BODY, itertools.count(100, 100), None),
        (Phase.BODY, itertools.chain([500, 3000], itertools.repeat(3000)), 12),
        (Phase.BODY, itertools.chain([5000], itertools.count(5001)), 51),
        (Phase.UNREAD, itertools.repeat(100_000), 10),
        (Phase.UNREAD, itertools.count(99_999, -99), 10),
        (Phase.UNREAD, itertools.count(99_900, -100), None),
    ],
)
def test_when_a_client_has_taken_too_long(
    phase: Phase, seen: "itertools.repeat[int]", overdue_at: int | None
) -> None:
    progress = Progress(phase, 100_000 if phase is Phase.UNREAD else 0, 1000.0)
    sizes = zip(range(1, 200), seen, strict=False)
    overdue = next(
        (second for second, size in sizes if progress.is_overdue(size, 1000 + second, BOUNDS)), None
    )
    assert overdue == overdue_at


async def test_a_half_sent_head_is_answered_408() -> None:
    async with running_server(Application(), Bounds(head_s=0.1)) as server, connected(server) as client:
        client.writer.write(b"GET / HTTP/1.1\r\nHost:")
        assert await client.answer() == (408, "The client took too long to complete the head of a request.")
        assert await client.ended()


@pytest.mark.parametrize("path", ["/", "/asgi"])
async def test_a_half_sent_body_is_answered_408(path: str) -> None:
    async with running_server(Application(), Bounds(body_s=0.1)) as server, connected(server) as client:
        client.send(path, method="POST", headers="Content-Length: 9\r\n")
        client.writer.write(b"half")
        assert await client.answer() == (408, "The client took too long to complete the body of a request.")
        assert await client.ended()


async def test_a_request_that_is_answered_slowly_is_not_the_client_s_fault() -> None:
    application = Application()
    bounds = Bounds(head_s=0.1, body_s=0.1, idle_s=0.1)
    async with running_server(application, bounds) as server, connected(server) as client:
        client.send("/?hold", "/?b")
        await application.until_begun("hold")
        async with connected(server) as idle:
            # As long as another client is tolerated.
            assert await idle.ended()
        application.release("hold")
        assert await client.answers(2) == [(200, "hold"), (200, "b")]


async def test_a_client_that_reads_nothing_is_disconnected() -> None:
    application = Application(b"x" * 1_000_000)
    async with (
        running_server(application, Bounds(body_s=0.1)) as server,
        connected(server, limit=1024) as client,
    ):
        client.send(*["/?a"] * 20)
        await _until_empty(server)
        assert len(application.begun) < 20


async def _until_empty(server: HttpServer) -> None:
    async with asyncio.timeout(20):
        while len(server.connections):  # noqa: ASYNC110 - the clients' side says nothing of it
            await asyncio.sleep(0.01)


async def test_headers_and_trailers_are_counted() -> None:
    chunked = "Transfer-Encoding: chunked\r\n"
    async with running_server(Application(), Bounds(headers=5)) as server:
        for more, status in ((4, 200), (5, 431)):
            async with connected(server) as client:
                client.send("/?a", headers="A: b\r\n" * more)
                assert (await client.answer())[0] == status
        for trailers, status in ((5, 200), (6, 431)):
            async with connected(server) as client:
                client.send("/?a", method="POST", headers=chunked)
                client.writer.write(b"1\r\na\r\n0\r\n" + b"a: b\r\n" * trailers + b"\r\n")
                assert (await client.answer())[0] == status


async def test_chunks_may_not_be_smaller_than_what_frames_them() -> None:
    async with running_server(Application(), Bounds(head=2000)) as server:
        for chunk, status in ((b"1\r\na\r\n", 431), (b"10\r\n" + b"a" * 16 + b"\r\n", 200)):
            async with connected(server) as client:
                client.send("/?a", method="POST", headers="Transfer-Encoding: chunked\r\n")
                client.writer.write(chunk * 2000 + b"0\r\n\r\n")
                assert (await client.answer())[0] == status


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"GET /{'x' * LONGEST_PATH} HTTP/1.1\r\n\r\n", 414),
        (f"GET /{'x' * (LONGEST_PATH - 1)} HTTP/1.1\r\n\r\n", 200),
        (f"GET /asgi HTTP/1.1\r\nA: {'x' * (LONGEST_VALUE + 1)}\r\n\r\n", 431),
        (f"GET /?q HTTP/1.1\r\nA: {'x' * (LONGEST_VALUE + 1)}\r\n\r\n", 200),
    ],
)
async def test_what_costs_more_than_others_may_be_shorter(head: str, status: int) -> None:
    async with running_server(Application()) as server, connected(server) as client:
        client.writer.write(head.encode())
        assert (await client.answer())[0] == status


async def test_a_body_of_an_asgi_request_is_bounded() -> None:
    async with running_server(Application(), Bounds(body=1000)) as server, connected(server) as client:
        client.send("/asgi?a", method="POST", headers="Content-Length: 2000\r\n")
        client.writer.write(b"x" * 2000)
        assert await client.answer() == (413, "The body is longer than 1000 bytes.")
        assert await client.ended()


async def test_what_follows_a_body_that_is_too_long_is_not_read_for_ever() -> None:
    bounds = Bounds(body=1000, large_body=5000)
    async with running_server(Application(), bounds) as server, connected(server) as client:
        client.send("/?a", method="POST", headers="Content-Length: 1000000\r\n")
        client.writer.write(b"x" * 6001)
        assert await client.answer() == (200, "a")
        assert await client.ended()


async def test_some_operations_may_have_a_larger_body() -> None:
    application = Application()
    bounds = Bounds(body=1000, large_body=5000)
    async with running_server(application, bounds) as server, connected(server) as client:
        for query, size in (("large", 5000), ("large", 5001), ("small", 1000), ("small", 1001)):
            client.send(f"/?{query}", method="POST", headers=f"Content-Length: {size}\r\n")
            client.writer.write(b"x" * size)
            assert (await client.answer())[0] == 200
    assert [request.longest_body for request in application.requests] == [0, 5000, 0, 1000]


async def test_connections_are_bounded_in_all_and_by_address() -> None:
    with structlog.testing.capture_logs() as lines:
        async with running_server(Application(), Bounds(connections=3, of_address=2)) as server:
            async with connected(server) as first, connected(server), connected(server) as third:
                assert await third.ended()
                first.send("/?a")
                assert await first.answer() == (200, "a")
                async with connected(server, local_addr=("127.0.0.2", 0)) as other:
                    other.send("/?b")
                    assert await other.answer() == (200, "b")
                    async with connected(server, local_addr=("127.0.0.3", 0)) as fourth:
                        assert await fourth.ended()
            await _until_empty(server)
            async with connected(server) as again:
                again.send("/?c")
                assert await again.answer() == (200, "c")
    assert [line["peer"] for line in lines if line["event"] == "http.too_many_connections"] == [
        "127.0.0.1",
        "127.0.0.3",
    ]


async def test_a_trusted_proxy_has_any_number_of_connections() -> None:
    bounds = Bounds(of_address=1, trusted_proxies=("10.0.0.0/8", "127.0.0.1"))
    async with (
        running_server(Application(), bounds) as server,
        connected(server),
        connected(server) as second,
        connected(server, local_addr=("127.0.0.2", 0)),
        connected(server, local_addr=("127.0.0.2", 0)) as refused,
    ):
        second.send("/?a")
        assert await second.answer() == (200, "a")
        assert await refused.ended()


class Holder:
    """A connection."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def shutdown(self) -> None:
        raise NotImplementedError

    def go_on(self) -> None:
        raise NotImplementedError

    def check_progress(self, now_s: float) -> None:
        raise NotImplementedError

    def abort(self, reason: str) -> None:
        self.reasons.append(reason)


def test_who_began_first_is_ended_when_all_hold_too_much() -> None:
    connections = Connections(Application(), Bounds(held=100))
    first, second, third = Holder(), Holder(), Holder()
    connections.hold(first, 40)
    connections.hold(second, 60)
    connections.hold(first, 40)
    connections.hold(third, 0)
    assert not first.reasons + second.reasons
    connections.hold(second, 61)
    assert (len(first.reasons), len(second.reasons)) == (1, 0)
    connections.hold(first, 0)
    connections.hold(third, 39)
    assert not second.reasons
    connections.hold(third, 40)
    assert (len(second.reasons), len(third.reasons)) == (1, 0)
    connections.hold(third, 100)
    assert not third.reasons


async def test_what_is_answered_is_not_held() -> None:
    application = Application()
    bounds = Bounds(held=400_000)
    async with running_server(application, bounds) as server:
        for _ in range(5):
            async with connected(server) as client, connected(server) as unfinished:
                client.send(f"/?{'x' * 100_000}")
                assert (await client.answer())[0] == 200
                unfinished.send("/?a", method="POST", headers="Content-Length: 200000\r\n")
                unfinished.writer.write(b"x" * 150_000)
                await unfinished.writer.drain()
                client.send("/?b", method="POST", headers="Content-Length: 150000\r\n")
                client.writer.write(b"x" * 150_000)
                assert await client.answer() == (200, "b")
            await _until_empty(server)


def test_lines_that_clients_cause_are_bounded() -> None:
    with structlog.testing.capture_logs() as lines:
        log = BoundedLog()
        for _ in range(2):
            for number in range(LINES_PER_SECOND + 3):
                log.warning("http.refused", number=number)
            log.warning("http.aborted")
            log.tick()
        log.tick()
    assert [line["event"] for line in lines] == 2 * [
        *["http.refused"] * LINES_PER_SECOND,
        "http.aborted",
        "http.lines_left_out",
    ]
    assert lines[-1]["of"] == "http.refused"
    assert lines[-1]["lines"] == 3


def test_the_limit_of_files_bounds_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = [(1024, 4096)]
    monkeypatch.setattr("resource.getrlimit", lambda _: limits[-1])
    monkeypatch.setattr("resource.setrlimit", lambda _, new: limits.append(new))
    assert raise_file_limit(100) == 100
    assert limits[-1] == (4096, 4096)
    assert raise_file_limit(10_000) == 4096 - RESERVED_FILES
    limits.append((1000, 1000))
    assert raise_file_limit(10_000) == 500
