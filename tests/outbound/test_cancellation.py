"""A request that is cancelled in any phase closes what it has opened and leaves its place to others."""

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.outbound.servers import Peer, answer_all, hold, response, scripts, serving
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused
from waypost.outbound.client import HttpClient
from waypost.outbound.connection import Connection
from waypost.outbound.endpoint import HttpEndpoint
from waypost.outbound.pool import ConnectionPool
from waypost.outbound.reply import Reply

TIMEOUT_S = 10.0


async def cancelled(task: "asyncio.Task[object]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def is_answered(endpoint: HttpEndpoint, body: bytes = b"next") -> bool:
    reply = await endpoint.exchange(body)
    return isinstance(reply, Reply) and reply.body == body


async def test_after_the_request_was_sent() -> None:
    async with serving(scripts(hold, answer_all)) as server, HttpClient(limit=1) as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        task = asyncio.create_task(endpoint.exchange(b"1"))
        await server.request_came.wait()
        await cancelled(task)
        await server.client_closed.wait()
        assert await is_answered(endpoint)
        assert (server.connections, len(server.requests)) == (2, 2)


async def test_in_the_middle_of_the_answer() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await peer.closed_by_client()

    async with serving(scripts(script, answer_all)) as server, HttpClient(limit=1) as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        task = asyncio.create_task(endpoint.exchange(b"1"))
        await server.request_came.wait()
        await cancelled(task)
        await server.client_closed.wait()
        assert await is_answered(endpoint)


async def test_while_the_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up, go_on = asyncio.Event(), asyncio.Event()

    async def getaddrinfo(host: str, port: int) -> list[Any]:
        looked_up.set()
        await go_on.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]

    monkeypatch.setattr("waypost.outbound.dialer.system_addresses", getaddrinfo)
    async with serving(answer_all) as server, HttpClient(limit=1) as client:
        endpoint = client.endpoint("POST", f"http://provider.example:{server.port}/", timeout_s=TIMEOUT_S)
        task = asyncio.create_task(endpoint.exchange(b"1"))
        await looked_up.wait()
        await cancelled(task)
        following = asyncio.create_task(is_answered(endpoint))
        go_on.set()
        assert await following
        assert (server.connections, len(server.requests)) == (1, 1)


@contextmanager
def full() -> Iterator[int]:
    """The port of a listener whose queue is full, so that connections to it are not made."""
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            queued = sockets.enter_context(socket.socket())
            queued.setblocking(False)
            queued.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.skipif(sys.platform != "linux", reason="how a full queue behaves is the system's own")
async def test_while_the_connection_is_made() -> None:
    with full() as port:
        async with HttpClient(limit=1) as client:
            endpoint = client.endpoint("POST", f"http://127.0.0.1:{port}/", timeout_s=0.1)
            task = asyncio.create_task(endpoint.exchange(b"1"))
            for _ in range(5):
                await asyncio.sleep(0)
            assert endpoint._pool._opened == 1
            await cancelled(task)
            assert endpoint._pool._opened == 0
            outcome = await endpoint.exchange(b"2")
            assert outcome == Refused(SendFailure.UNREACHABLE, "", "no connection in time")
            assert endpoint._pool._opened == 0


async def test_in_the_tls_handshake() -> None:
    async def script(peer: Peer) -> None:
        received = await peer.closed_by_client()
        # The greeting of TLS, and nothing else.
        assert received[:1] == b"\x16"

    async with serving(script) as server, HttpClient(limit=1) as client:
        endpoint = client.endpoint("POST", server.tls_url, timeout_s=TIMEOUT_S)
        for _ in range(2):
            server.client_closed.clear()
            server.connected.clear()
            task = asyncio.create_task(endpoint.exchange(b"1"))
            await server.connected.wait()
            await cancelled(task)
            await server.client_closed.wait()
        # The second one got the place of the first.
        assert (server.connections, server.requests) == (2, [])


async def test_in_the_answer_of_the_proxy() -> None:
    async with serving(hold) as proxy, HttpClient(limit=1, proxy=f"http://127.0.0.1:{proxy.port}") as client:
        endpoint = client.endpoint("POST", "https://provider.example/send", timeout_s=TIMEOUT_S)
        for count in (1, 2):
            proxy.client_closed.clear()
            proxy.request_came.clear()
            task = asyncio.create_task(endpoint.exchange(b"secret"))
            await proxy.request_came.wait()
            await cancelled(task)
            await proxy.client_closed.wait()
            assert len(proxy.requests) == count


async def test_while_it_waits_in_line() -> None:
    async def script(peer: Peer) -> None:
        body = await peer.request()
        await go_on.wait()
        await peer.send(response(body))
        await answer_all(peer)

    go_on = asyncio.Event()
    async with serving(script) as server, HttpClient(limit=1) as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        first = asyncio.create_task(endpoint.exchange(b"1"))
        await server.request_came.wait()
        waiting = [asyncio.create_task(endpoint.exchange(b"%d" % number)) for number in (2, 3, 4)]
        await asyncio.sleep(0)
        await cancelled(waiting[1])
        go_on.set()
        bodies = [reply.body for reply in await asyncio.gather(first, waiting[0], waiting[2])]  # type: ignore[union-attr]
        assert bodies == [b"1", b"2", b"4"]
        assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("closes", [False, True], ids=["a connection", "a free place"])
async def test_as_it_gets_what_it_waited_for(closes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was passed to a request that is cancelled before it wakes goes to the next in line."""

    async def script(peer: Peer) -> None:
        while True:
            body = await peer.request()
            await in_line.wait()
            await peer.send(response(body, *(["Connection: close"] if closes else [])))

    in_line = asyncio.Event()
    passed_on = 0
    pass_on = ConnectionPool.remove if closes else ConnectionPool.release

    def pass_on_and_cancel(pool: ConnectionPool, connection: Connection) -> None:
        nonlocal passed_on
        pass_on(pool, connection)
        passed_on += 1
        second.cancel()

    monkeypatch.setattr(ConnectionPool, pass_on.__name__, pass_on_and_cancel)
    async with serving(script) as server, HttpClient(limit=1) as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        first = asyncio.create_task(endpoint.exchange(b"1"))
        await server.request_came.wait()
        second = asyncio.create_task(endpoint.exchange(b"2"))
        third = asyncio.create_task(endpoint.exchange(b"3"))
        await asyncio.sleep(0)
        in_line.set()
        assert isinstance(await first, Reply)
        with pytest.raises(asyncio.CancelledError):
            await second
        assert passed_on >= 1
        reply = await third
        assert isinstance(reply, Reply)
        assert reply.body == b"3"
        assert [request.rpartition(b"\n")[2] for request in server.requests] == [b"1", b"3"]
        assert await is_answered(endpoint)


async def test_everything_at_once() -> None:
    """Of many requests half are cancelled at any moment; the pool serves all others and has no place less."""
    async with serving(answer_all) as server, HttpClient(limit=3) as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        tasks = [asyncio.create_task(endpoint.exchange(b"%d" % number)) for number in range(200)]
        for task in tasks[::2]:
            # One turn of the loop, in which others are connected, sent, answered and passed on.
            await asyncio.sleep(0)
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for number, outcome in enumerate(outcomes):
            if number % 2:
                assert isinstance(outcome, Reply)
            if isinstance(outcome, Reply):
                assert outcome.body == b"%d" % number
        assert all(await asyncio.gather(*(is_answered(endpoint) for _ in range(9))))
