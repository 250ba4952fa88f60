"""Providers for the tests: real servers on 127.0.0.1 that record the requests they get."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class RecordedRequest:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Canned:
    status: int = 200
    body: bytes | str = b""
    headers: dict[str, str] = field(default_factory=dict)


class CannedProvider:
    """Answers every request with the same reply and keeps the requests."""

    def __init__(self, reply: Canned, url: str = "") -> None:
        self.reply = reply
        self.url = url
        self.requests: list[RecordedRequest] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests.append(
            RecordedRequest(request.method, request.path, dict(request.query), request.headers.copy(), body)
        )
        payload = self.reply.body.encode() if isinstance(self.reply.body, str) else self.reply.body
        return web.Response(status=self.reply.status, body=payload, headers=self.reply.headers)


@asynccontextmanager
async def canned(reply: Canned) -> AsyncIterator[CannedProvider]:
    provider = CannedProvider(reply)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    provider.url = f"http://{host}:{port}"
    try:
        yield provider
    finally:
        await runner.cleanup()


class RawProvider:
    """Speaks bytes: `script[n]` is written to the n-th request, and None hangs up on it instead.

    Attributes:
        requests: how many whole requests were read.
        first_request: set by the first of them.
        hang: never answers and keeps the connection, when set.
    """

    def __init__(self, script: list[bytes | None], *, hang: bool = False) -> None:
        self._script = script
        self._hang = hang
        self.requests = 0
        self.connections = 0
        self.first_request = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                await reader.readexactly(length)
                self.requests += 1
                self.first_request.set()
                if self._hang:
                    await asyncio.Event().wait()
                reply = self._script[self.requests - 1] if self.requests <= len(self._script) else None
                if reply is None:
                    return
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def raw(provider: RawProvider) -> AsyncIterator[RawProvider]:
    handlers: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        try:
            await provider.serve(reader, writer)
        except asyncio.CancelledError:
            return

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    provider.url = f"http://{host}:{port}"
    try:
        yield provider
    finally:
        server.close()
        for task in handlers:
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


def http_reply(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
