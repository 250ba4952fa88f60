"""Servers on 127.0.0.1 that misbehave on purpose: each connection is carried out by a script."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

PATIENCE_S = 20.0


class Peer:
    """The server's side of one connection."""

    def __init__(self, server: "Server", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer

    async def request(self) -> bytes:
        """Reads a whole request; its body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        body = await self.reader.readexactly(length)
        self.server.requests.append(head + body)
        self.server.request_came.set()
        return body

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Breaks the connection off, as a crash does, after what was sent."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    async def closed_by_client(self) -> bytes:
        """Waits until the client has closed the connection; what it sent until then."""
        received = b""
        with suppress(ConnectionError):
            received = await self.reader.read(-1)
        self.server.client_closed.set()
        return received


Script = Callable[[Peer], Awaitable[None]]


class Server:
    """Counts its connections and keeps its requests.

    Attributes:
        requests: the whole requests, in their order.
        received: whether a byte came, on any connection.
        request_came: set by each whole request.
        client_closed: set when a script has seen the client close a connection.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.requests: list[bytes] = []
        self.connected = asyncio.Event()
        self.request_came = asyncio.Event()
        self.client_closed = asyncio.Event()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        self.connected.set()
        try:
            await self.script(Peer(self, reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            self.open -= 1
            writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self.port}/send"


@asynccontextmanager
async def serving(
    script: Script, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    server = Server(script)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await server.serve(reader, writer)

    listener = await asyncio.start_server(connected, host, 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def response(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def answer_all(peer: Peer) -> None:
    """Answers each request with its own body."""
    while True:
        await peer.send(response(await peer.request()))


async def hold(peer: Peer) -> None:
    """Reads a request and never answers."""
    await peer.request()
    await peer.closed_by_client()


def scripts(*by_connection: Script) -> Script:
    """One script for each connection in turn; the last one for all further ones."""

    async def script(peer: Peer) -> None:
        await by_connection[min(peer.server.connections, len(by_connection)) - 1](peer)

    return script
