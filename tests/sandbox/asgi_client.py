"""Calls a web application in this process, without a socket."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.routing import BaseRoute


class Answer(NamedTuple):
    """What the application answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class AsgiClient:
    """A caller of some routes, at `http://sandbox.example:8080`."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._app = Starlette(routes=routes)

    async def get(self, path: str, scheme: str = "http") -> Answer:
        return await self.call("GET", path, scheme=scheme)

    async def post(self, path: str, body: object = b"") -> Answer:
        """Posts bytes as they are and anything else as JSON."""
        return await self.call("POST", path, body if isinstance(body, bytes) else msgspec.json.encode(body))

    async def call(self, method: str, path: str, body: bytes = b"", scheme: str = "http") -> Answer:
        sent: list[Any] = []
        pure, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": scheme,
            "path": pure,
            "raw_path": pure.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"sandbox.example:8080")],
            "server": ("sandbox.example", 8080),
            "client": ("127.0.0.1", 5),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:]))
