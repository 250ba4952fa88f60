"""An HTTP server in this process whose answers a test holds back, and clients of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from waypost.api.http_messages import Handler, HttpAnswer, HttpRequest, Reply
from waypost.server.connections import Connections
from waypost.server.first_byte import FirstByte
from waypost.server.http_bounds import Bounds
from waypost.server.http_protocol import HttpProtocol

PLAIN_TEXT = (("content-type", "text/plain"),)


class Application:
    """Answers each request by its query, but holds back what has `hold` in it.

    Attributes:
        begun: the queries of the requests that were begun, in their order.
        requests: the requests of handlers that were begun.
        held: the replies that were held back, by query.
        body: the body of each answer, in front of the query.
    """

    def __init__(self, body: bytes = b"") -> None:
        self.begun: list[str] = []
        self.requests: list[HttpRequest] = []
        self.held: dict[str, Reply] = {}
        self.body = body
        self.changed = asyncio.Event()

    def handler_of(self, request: HttpRequest) -> Handler | None:
        return None if request.path == "/asgi" else self.handle

    def needs_large_body(self, request: HttpRequest) -> bool:
        return b"large" in request.query

    def handle(self, request: HttpRequest, reply: Reply) -> None:
        query = request.query.decode()
        self.requests.append(request)
        self._begin(query)
        if "hold" in query:
            self.held[query] = reply
        else:
            reply(self.answer(query))

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        query = scope["query_string"].decode()
        self._begin(query)
        received = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self._begin(f"{query} disconnected")
                return
            received += message["body"]
            if not message["more_body"] and "hold" not in query:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": query.encode() + received})

    def release(self, query: str) -> None:
        """Answers a request that is held back."""
        self.held.pop(query)(self.answer(query))

    def answer(self, query: str) -> HttpAnswer:
        return HttpAnswer(200, PLAIN_TEXT, self.body + query.encode())

    def _begin(self, query: str) -> None:
        self.begun.append(query)
        self.changed.set()

    async def until_begun(self, query: str) -> None:
        """Waits until a request is begun."""
        while query not in self.begun:
            self.changed.clear()
            await self.changed.wait()


class WatchedProtocol(HttpProtocol):
    """A connection that tells its server what its client does."""

    server: "HttpServer"

    def data_received(self, data: bytes) -> None:
        self.server.bytes_received += len(data)
        super().data_received(data)

    def eof_received(self) -> bool:
        self.server.half_closed.set()
        return super().eof_received()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.server.paused.set()


class HttpServer:
    """A server on a free port.

    Attributes:
        paused: set when a client does not read its answers.
        half_closed: set when a client has closed its side.
        bytes_received: from all clients.
        context: the certificate, if it takes TLS, too.
    """

    def __init__(
        self, application: Application, bounds: Bounds, context: ssl.SSLContext | None = None
    ) -> None:
        self.context = context
        self.connections = Connections(application, bounds)
        self.paused = asyncio.Event()
        self.half_closed = asyncio.Event()
        self.bytes_received = 0
        self.port = 0

    def protocol(self) -> asyncio.Protocol:
        context = self.context
        if context is not None:
            return FirstByte(self.connections, lambda: context)
        protocol = WatchedProtocol(self.connections)
        protocol.server = self
        return protocol


@asynccontextmanager
async def running_server(
    application: Application, bounds: Bounds | None = None, context: ssl.SSLContext | None = None
) -> AsyncIterator[HttpServer]:
    """Serves until the end of the block."""
    server = HttpServer(application, bounds or Bounds(), context)
    listening = await asyncio.get_running_loop().create_server(server.protocol, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.connections.close(5)


class HttpClient:
    """A client of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *targets: str, headers: str = "", method: str = "GET", version: str = "1.1") -> None:
        """Sends requests in one write."""
        heads = [f"{method} {target} HTTP/{version}\r\nHost: h\r\n{headers}\r\n" for target in targets]
        self.writer.write("".join(heads).encode())

    async def answer(self) -> tuple[int, str]:
        """The status and the body of the next answer."""
        status = int((await self.reader.readline()).split()[1])
        length, chunked = 0, False
        while (line := (await self.reader.readline()).strip().lower()) != b"":
            name, _, value = line.partition(b":")
            length = int(value) if name == b"content-length" else length
            chunked = chunked or name == b"transfer-encoding"
        if not chunked:
            return status, (await self.reader.readexactly(length)).decode()
        body = b""
        while size := int(await self.reader.readline(), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readline()
        return status, body.decode()

    async def answers(self, count: int) -> list[tuple[int, str]]:
        return [await self.answer() for _ in range(count)]

    async def ended(self) -> bool:
        """Waits for the next byte: whether there is none because the server closed the connection."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def connected(server: HttpServer, **options: Any) -> AsyncIterator[HttpClient]:
    """A connection until the end of the block."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, **options)
    try:
        yield HttpClient(reader, writer)
    finally:
        writer.transport.abort()
