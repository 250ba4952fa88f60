"""Connections are kept, bounded, watched and dropped, and no request is sent twice or without an outcome."""

import asyncio
import contextlib
import math
import socket
import struct
from collections.abc import AsyncIterator

import pytest

from tests.outbound.servers import Peer, answer_all, hold, response, scripts, serving
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.connection import Connection
from waypost.outbound.reply import Reply

TIMEOUT_S = 10.0


def body_of(outcome: object) -> bytes:
    assert isinstance(outcome, Reply), outcome
    return outcome.body


async def test_requests_one_after_the_other_share_a_connection() -> None:
    async with serving(answer_all) as server, HttpClient() as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        for number in range(5):
            assert body_of(await endpoint.exchange(b"%d" % number)) == b"%d" % number
        assert server.connections == 1


async def test_endpoints_of_one_origin_share_connections() -> None:
    async with serving(answer_all) as server, HttpClient() as client:
        for path in ("/a", "/b"):
            endpoint = client.endpoint("POST", f"http://127.0.0.1:{server.port}{path}", timeout_s=TIMEOUT_S)
            await endpoint.exchange()
        assert server.connections == 1


async def test_a_hundred_requests_take_turns_on_three_connections() -> None:
    async with serving(answer_all) as server, HttpClient(limit=3) as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        bodies = [b"%d" % number for number in range(100)]
        outcomes = await asyncio.gather(*(endpoint.exchange(body) for body in bodies))
        assert [body_of(outcome) for outcome in outcomes] == bodies
        assert (server.connections, server.most_open, len(server.requests)) == (3, 3, 100)


async def test_a_hundred_requests_to_a_server_that_closes_after_each() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(response(await peer.request(), "Connection: close"))

    async with serving(script) as server, HttpClient(limit=3) as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        bodies = [b"%d" % number for number in range(100)]
        outcomes = await asyncio.gather(*(endpoint.exchange(body) for body in bodies))
        assert [body_of(outcome) for outcome in outcomes] == bodies
        assert (server.connections, len(server.requests)) == (100, 100)


async def test_a_hundred_requests_to_a_server_that_breaks_every_third() -> None:
    """Each request has exactly one outcome, and the server gets each at most once."""

    async def script(peer: Peer) -> None:
        while True:
            body = await peer.request()
            if int(body) % 3 == 0:
                peer.reset()
                return
            await peer.send(response(body))

    async with serving(script) as server, HttpClient(limit=3) as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        bodies = [b"%d" % number for number in range(100)]
        outcomes = await asyncio.gather(*(endpoint.exchange(body) for body in bodies))
        for number, outcome in enumerate(outcomes):
            if number % 3 == 0:
                assert isinstance(outcome, Unknown)
            else:
                assert body_of(outcome) == b"%d" % number
        came = [request.rpartition(b"\r\n\r\n")[2] for request in server.requests]
        assert sorted(came) == sorted(bodies)


async def test_waiting_for_a_connection_counts_against_the_time_of_the_request() -> None:
    async with serving(hold) as server, HttpClient(limit=1) as client:
        slow = asyncio.create_task(client.endpoint("GET", server.url, timeout_s=0.4).exchange())
        await server.request_came.wait()
        outcome = await client.endpoint("GET", server.url, timeout_s=0.1).exchange()
        assert outcome == Refused(SendFailure.UNREACHABLE, "", "no connection in time")
        assert await slow == Unknown("no answer within 0.4 s")
        assert len(server.requests) == 1


async def test_half_an_answer_and_then_silence() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await peer.closed_by_client()

    async with serving(script) as server, HttpClient() as client:
        outcome = await client.endpoint("GET", server.url, timeout_s=0.1).exchange()
        assert outcome == Unknown("no answer within 0.1 s")
        await server.client_closed.wait()


async def test_a_server_that_closes_on_the_second_request_gets_it_once() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(response(await peer.request()))
        await peer.request()
        peer.close()

    async with serving(scripts(script, answer_all)) as server, HttpClient() as client:
        endpoint = client.endpoint("GET", server.url, timeout_s=TIMEOUT_S)
        assert isinstance(await endpoint.exchange(), Reply)
        assert await endpoint.exchange() == Unknown(
            "connection lost before the answer (ServerDisconnectedError)"
        )
        assert (server.connections, len(server.requests)) == (1, 2)


async def test_a_connection_that_breaks_before_the_answer() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        peer.reset()

    async with serving(script) as server, HttpClient() as client:
        outcome = await client.endpoint("GET", server.url, timeout_s=TIMEOUT_S).exchange()
        assert outcome == Unknown("connection lost before the answer (ClientOSError)")
        assert len(server.requests) == 1


async def test_a_body_that_ends_with_the_connection_is_not_whole_when_that_breaks() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nabc")
        peer.reset()

    async with serving(script) as server, HttpClient() as client:
        outcome = await client.endpoint("GET", server.url, timeout_s=TIMEOUT_S).exchange()
        assert outcome == Unknown("no whole answer (ClientPayloadError)")


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[tuple[socket.socket, str]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}/"


async def accept_and_answer(listener: socket.socket, body: bytes) -> socket.socket:
    loop = asyncio.get_running_loop()
    accepted, _ = await loop.sock_accept(listener)
    accepted.setblocking(False)
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += await loop.sock_recv(accepted, 65536)
    accepted.sendall(response(body))
    return accepted


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the state of a connection is not known")
@pytest.mark.parametrize("broken", [False, True], ids=["closed", "broken"])
async def test_a_connection_that_was_closed_in_this_turn_of_the_loop_is_not_used(broken: bool) -> None:
    async with listening() as (listener, url), HttpClient() as client:
        endpoint = client.endpoint("GET", url, timeout_s=TIMEOUT_S)
        first, accepted = await asyncio.gather(endpoint.exchange(), accept_and_answer(listener, b"one"))
        if broken:
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
        # The event loop cannot have read the close: nothing was awaited since.
        second, accepted = await asyncio.gather(endpoint.exchange(), accept_and_answer(listener, b"two"))
        accepted.close()
        assert (body_of(first), body_of(second)) == (b"one", b"two")


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the state of a connection is not known")
async def test_a_connection_that_was_closed_with_its_answer_is_not_passed_on() -> None:
    async with listening() as (listener, url), HttpClient(limit=1) as client:
        endpoint = client.endpoint("GET", url, timeout_s=TIMEOUT_S)
        first, second = (asyncio.create_task(endpoint.exchange()) for _ in range(2))
        # Answers and closes in one turn of the loop, so that the client finds both at once.
        accepted = await accept_and_answer(listener, b"one")
        accepted.close()
        accepted = await accept_and_answer(listener, b"two")
        accepted.close()
        assert (body_of(await first), body_of(await second)) == (b"one", b"two")


@pytest.mark.parametrize("field", ["Keep-Alive: timeout=1", "keep-alive: max=5, Timeout=1"])
async def test_a_connection_is_closed_before_its_server_will(field: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(response(await peer.request(), field))
        await peer.closed_by_client()

    async with serving(scripts(script, answer_all)) as server, HttpClient() as client:
        endpoint = client.endpoint("POST", server.url, timeout_s=TIMEOUT_S)
        assert isinstance(await endpoint.exchange(b"1"), Reply)
        await server.client_closed.wait()
        assert body_of(await endpoint.exchange(b"2")) == b"2"
        assert server.connections == 2


async def test_an_idle_connection_is_closed_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waypost.outbound.connection._KEEP_ALIVE_S", 0.05)

    async def script(peer: Peer) -> None:
        await peer.send(response(await peer.request()))
        await peer.closed_by_client()

    async with serving(script) as server, HttpClient() as client:
        # The timer of a request that takes long must not hold back the earlier end of an idle connection.
        assert isinstance(await client.endpoint("GET", server.url, timeout_s=600).exchange(), Reply)
        await server.client_closed.wait()


async def test_closing_the_client_ends_requests_and_those_that_wait() -> None:
    async with serving(hold) as server:
        client = HttpClient(limit=1)
        endpoint = client.endpoint("GET", server.url, timeout_s=TIMEOUT_S)
        out = asyncio.create_task(endpoint.exchange())
        await server.request_came.wait()
        waiting = asyncio.create_task(endpoint.exchange())
        await asyncio.sleep(0)
        await client.close()
        closed = Refused(SendFailure.UNREACHABLE, "", "no connection (the client is closed)")
        assert isinstance(await out, Unknown)
        assert await waiting == closed
        assert await endpoint.exchange() == closed
        await server.client_closed.wait()
        assert len(server.requests) == 1


class Still:
    """A loop whose clock stands still, an owner without connections, and a transport that keeps bytes."""

    def __init__(self) -> None:
        self.now = 100.0
        self.create_future = asyncio.get_running_loop().create_future
        self.released = 0
        self.written = b""
        self.aborted = False
        self.watched = math.inf

    def time(self) -> float:
        return self.now

    def watch(self, deadline: float) -> None:
        self.watched = min(self.watched, deadline)

    def release(self, connection: Connection) -> None:
        self.released += 1

    def remove(self, connection: Connection) -> None:
        return

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True


def still_connection() -> tuple[Still, Connection]:
    still = Still()
    connection = Connection(still, None, still)  # type: ignore[arg-type]
    connection.connection_made(still)  # type: ignore[arg-type]
    return still, connection


async def test_each_read_extends_the_time_up_to_three_times_the_timeout() -> None:
    still, connection = still_connection()
    request = asyncio.create_task(connection.exchange(b"request", timeout_s=10, started=95))
    await asyncio.sleep(0)
    assert (still.written, still.watched, connection.deadline) == (b"request", 110, 110)
    for now, deadline in [(105, 115), (114, 124), (120, 125), (124, 125)]:
        still.now = now
        connection.data_received(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert connection.deadline == deadline
    connection.expire()
    assert await request == Unknown("no answer within 10 s")
    assert still.aborted


async def test_a_request_that_is_cancelled_as_its_answer_comes_leaves_the_connection_to_the_next() -> None:
    still, connection = still_connection()
    first = asyncio.create_task(connection.exchange(b"1", timeout_s=10, started=100))
    await asyncio.sleep(0)
    connection.data_received(response(b"one"))
    assert still.released == 1
    second = asyncio.create_task(connection.exchange(b"2", timeout_s=10, started=100))
    first.cancel()
    await asyncio.sleep(0)
    connection.data_received(response(b"two"))
    with pytest.raises(asyncio.CancelledError):
        await first
    assert body_of(await second) == b"two"
    assert not still.aborted


async def test_an_answer_that_comes_in_the_turn_of_the_cancellation_is_nobody_elses() -> None:
    still, connection = still_connection()
    request = asyncio.create_task(connection.exchange(b"1", timeout_s=10, started=100))
    await asyncio.sleep(0)
    request.cancel()
    connection.data_received(response(b"one"))
    with pytest.raises(asyncio.CancelledError):
        await request
    # It was whole before the request ended, so that the connection has nothing more of it.
    assert (still.released, still.aborted) == (1, False)


async def test_half_an_answer_in_the_turn_of_the_cancellation_closes_the_connection() -> None:
    still, connection = still_connection()
    request = asyncio.create_task(connection.exchange(b"1", timeout_s=10, started=100))
    await asyncio.sleep(0)
    request.cancel()
    connection.data_received(response(b"one")[:-1])
    with pytest.raises(asyncio.CancelledError):
        await request
    assert (still.released, still.aborted) == (0, True)
