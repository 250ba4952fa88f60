"""A receiver of webhooks that understands nothing: it keeps what was sent, byte for byte."""

import asyncio
from collections import deque
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from waypost.sandbox.loopback import Loopback


class ReceivedWebhook(NamedTuple):
    """A request as it came in.

    Attributes:
        path: with its query, as it stood in the request line.
        headers: by their names in lower case.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class WebhookRecorder:
    """Answers 200, or next what stands in `statuses`.

    Attributes:
        received: every request, in its order, those answered with an error too.
        accepted: those answered 2xx.
        statuses: the HTTP statuses of the next answers.
        during: the most requests that were ever open at once.
    """

    def __init__(self) -> None:
        self.received: list[ReceivedWebhook] = []
        self.accepted: list[ReceivedWebhook] = []
        self.statuses: deque[int] = deque()
        self.during = 0
        self.released = asyncio.Event()
        self.released.set()
        self._open = 0
        self._arrival = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._record)
        self._loopback = Loopback(app)

    @property
    def address(self) -> str:
        return self._loopback.address

    async def start(self) -> None:
        await self._loopback.start()

    async def close(self) -> None:
        self.released.set()
        await self._loopback.close()

    async def _record(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        webhook = ReceivedWebhook(request.method, request.raw_path, headers, body)
        self.received.append(webhook)
        self._open += 1
        self.during = max(self.during, self._open)
        self._arrival.set()
        try:
            await self.released.wait()
        finally:
            self._open -= 1
        status = self.statuses.popleft() if self.statuses else 200
        if 200 <= status < 300:
            self.accepted.append(webhook)
        return web.Response(
            status=status, headers={"Location": "/elsewhere"} if 300 <= status < 400 else None
        )

    async def until(self, count: int) -> None:
        """Returns once as many requests came in."""
        async with asyncio.timeout(20):
            while len(self.received) < count:
                self._arrival.clear()
                await self._arrival.wait()
