"""Servers that providers and customers' URLs must not be: each way to answer badly, on a port of its own."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[asyncio.StreamWriter, int], Awaitable[None]]
"""Answers a request, whose number is counted from 1."""

_SLOW_S = 2.5
_LAST_TURNS = 5


async def hang(_: asyncio.StreamWriter, __: int) -> None:
    """Never answers."""
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter, _: int) -> None:
    """Sends a byte a second, for ever."""
    await _repeat(writer, b"HTTP/1.1 200 OK\r\nX: ", b"y", 1.0)


async def endless_headers(writer: asyncio.StreamWriter, _: int) -> None:
    """Sends headers for ever, as fast as they are read."""
    await _repeat(writer, b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000)


async def endless_body(writer: asyncio.StreamWriter, _: int) -> None:
    """Sends a body for ever, as fast as it is read."""
    chunk = b"1000\r\n" + b"[" * 0x1000 + b"\r\n"
    await _repeat(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk)


async def interim(writer: asyncio.StreamWriter, _: int) -> None:
    """Sends interim responses for ever."""
    await _repeat(writer, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


async def nested(writer: asyncio.StreamWriter, _: int) -> None:
    """Answers with 60,000 opening brackets."""
    await _send(writer, b"[" * 60_000)


async def slow(writer: asyncio.StreamWriter, number: int) -> None:
    """Answers as is right for a provider and for a customer's URL, after 2.5 seconds."""
    await asyncio.sleep(_SLOW_S)
    await right(writer, number)


async def right(writer: asyncio.StreamWriter, number: int) -> None:
    """Answers as is right for Viber and for a customer's URL."""
    await _send(writer, b'{"code":0,"status":0,"message_token":"%d"}' % number)


async def _send(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    await writer.drain()


async def _repeat(writer: asyncio.StreamWriter, begin: bytes, piece: bytes, pause_s: float = 0.0) -> None:
    writer.write(begin)
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause_s)


class HostileServer:
    """A server on a thread of its own.

    Attributes:
        address: `http://127.0.0.1:<port>`.
        requests: how many it got.
        paths: how many of each path.
        at_once: how many of them were unanswered at the same time, at most.
    """

    def __init__(self, answer: Answer) -> None:
        self.address = ""
        self.requests = 0
        self.paths: Counter[str] = Counter()
        self.at_once = 0
        self._answer = answer
        self._open = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def start(self) -> None:
        """Begins to listen."""
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """Closes all connections."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1000)
        self.address = "http://{}:{}".format(*server.sockets[0].getsockname()[:2])
        self._ready.set()
        await self._stop.wait()
        server.close()
        # A connection that was just accepted gets its task some turns of the loop later, and its transport is
        # closed a turn after that.
        still = 0
        while still < _LAST_TURNS:
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)
            still = 0 if tasks else still + 1

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        await reader.readexactly(int(line.partition(b":")[2]))
                self.requests += 1
                self.paths[head.split(b" ", 2)[1].decode()] += 1
                self._open += 1
                self.at_once = max(self.at_once, self._open)
                try:
                    await self._answer(writer, self.requests)
                finally:
                    self._open -= 1
        writer.close()


@contextmanager
def hostile(answer: Answer) -> Iterator[HostileServer]:
    """A server that answers in one way."""
    server = HostileServer(answer)
    server.start()
    try:
        yield server
    finally:
        server.stop()
