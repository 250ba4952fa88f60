"""Everything outside Waypost for `bench/steady`, in one lean process: callers, Viber, and the customer's URL.

Plain asyncio protocols that parse no more of HTTP than they need, so that what is measured is Waypost. The
loop is closed: a call is made whenever fewer than `window` messages are under way, and a message is over
when the customer's URL has received `Read` or, if nothing is reported, when Viber has accepted it. So the
backlog cannot grow, and the rate found is sustained.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import cast

_GIVE_UP = 300.0


class _Http(asyncio.Protocol):
    """Splits a stream into messages with a Content-Length and hands on their bodies."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio.Transport by name.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self.message(body)

    def message(self, body: bytes) -> None:
        raise NotImplementedError


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Viber(_Http):
    """Accepts messages, and reports each at once as delivered and then as read.

    Args:
        publish: called with each report; None for no reports.
        accepted: called for each message.
        delay: how long it takes for each message, in seconds.
    """

    tokens = iter(range(10**18, 10**19))

    def __init__(
        self, publish: Callable[[bytes], None] | None, accepted: Callable[[], None], delay: float = 0.0
    ) -> None:
        super().__init__()
        self._publish = publish
        self._accepted = accepted
        self._delay = delay

    def message(self, body: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._take, body)
        else:
            self._take(body)

    def _take(self, body: bytes) -> None:
        token = next(Viber.tokens)
        submitted = json.loads(body)
        self.transport.write(
            _answer(b'{"status":0,"seq":%d,"message_token":"%d"}' % (submitted["seq"], token))
        )
        self._accepted()
        if self._publish is None:
            return
        now = int(time.time() * 1000)
        for status in (0, 1):
            self._publish(
                json.dumps(
                    {
                        "message_token": str(token),
                        "message_status": status,
                        "message_time": now,
                        "phone_number": submitted["dest"],
                        "service_id": submitted["service_id"],
                    }
                ).encode()
            )


class Customer(_Http):
    """The customer's URL: takes pushes and counts the statuses in them."""

    def __init__(self, on_statuses: Callable[[int, int], None]) -> None:
        super().__init__()
        self._on_statuses = on_statuses

    def message(self, body: bytes) -> None:
        self.transport.write(_answer(b'{"code":0}'))
        self._on_statuses(body.count(b'"Status":"'), body.count(b'"Status":"Read"'))


class Connections:
    """Kept-alive connections, one request out on each at a time; the rest waits in a line."""

    def __init__(self, port: int, answered: Callable[[bytes], None]) -> None:
        self._port = port
        self._answered = answered
        self._idle: list[_Client] = []
        self._line: deque[bytes] = deque()

    async def open(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, client = await loop.create_connection(lambda: _Client(self), "127.0.0.1", self._port)
            self._idle.append(client)

    def send(self, request: bytes) -> None:
        if self._idle:
            self._idle.pop().transport.write(request)
        else:
            self._line.append(request)

    def free(self, client: "_Client", body: bytes) -> None:
        if self._line:
            client.transport.write(self._line.popleft())
        else:
            self._idle.append(client)
        self._answered(body)

    def close(self) -> None:
        for client in self._idle:
            client.transport.close()


class _Client(_Http):
    def __init__(self, pool: Connections) -> None:
        super().__init__()
        self._pool = pool

    def message(self, body: bytes) -> None:
        self._pool.free(self, body)


class Outside:
    """Runs messages through a server and counts them.

    Args:
        receipts_path: where Viber reports; empty for a Viber that does not.
        window: how many messages are under way at most.
        delay: how long Viber takes for each message, in seconds.

    Attributes:
        statuses: how many the customer's URL has received.
        refused: how many calls were not answered `OK`.
    """

    def __init__(self, receipts_path: str, window: int, delay: float = 0.0) -> None:
        self._calls: Iterator[bytes] = iter(())
        self._window = window
        self._under_way = 0
        self._over = asyncio.Event()
        self._receipts_path = receipts_path
        self._delay = delay
        self._head = b""
        self._api: Connections
        self._webhook: Connections
        self.statuses = 0
        self.refused = 0

    async def connect(self, port: int) -> None:
        self._api = Connections(port, self._api_answered)
        self._webhook = Connections(port, lambda _: None)
        self._head = (
            f"POST {self._receipts_path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        await self._api.open(32)
        await self._webhook.open(32)

    async def run(self, calls: Iterator[bytes]) -> float:
        """Makes calls and waits until the messages of all of them are over; the seconds that took."""
        started = time.perf_counter()
        self._calls = calls
        self._over.clear()
        self._fill()
        await asyncio.wait_for(self._over.wait(), _GIVE_UP)
        return time.perf_counter() - started

    def close(self) -> None:
        self._api.close()
        self._webhook.close()

    def viber(self) -> Viber:
        """A connection of Viber's server."""
        return Viber(self._publish if self._receipts_path else None, self._accepted, self._delay)

    def customer(self) -> Customer:
        """A connection of the customer's server."""
        return Customer(self._on_statuses)

    def _publish(self, body: bytes) -> None:
        self._webhook.send(self._head + str(len(body)).encode() + b"\r\n\r\n" + body)

    def _accepted(self) -> None:
        if not self._receipts_path:
            self._end(1)

    def _on_statuses(self, statuses: int, read: int) -> None:
        self.statuses += statuses
        self._end(read)

    def _api_answered(self, body: bytes) -> None:
        if b'"Code":"OK"' not in body:
            self.refused += 1
            self._end(1)

    def _end(self, count: int) -> None:
        self._under_way -= count
        self._fill()

    def _fill(self) -> None:
        while self._under_way < self._window:
            call = next(self._calls, None)
            if call is None:
                if not self._under_way:
                    self._over.set()
                return
            self._under_way += 1
            self._api.send(call)
