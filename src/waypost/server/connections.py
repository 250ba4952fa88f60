"""What the connections of a server share: its application, its bounds, and who is connected."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from waypost.api.http_messages import Handler, HttpRequest
from waypost.server.http_bounds import DEFAULT_BOUNDS, Bounds


class Application(Protocol):
    """What a server serves: handlers for the requests that must cost little, and ASGI for all others."""

    def handler_of(self, request: HttpRequest) -> Handler | None:
        """The handler of a request whose body is not received yet; None for the ASGI application."""
        ...

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """The ASGI application."""
        ...


class Connection(Protocol):
    """An open connection."""

    def shutdown(self) -> None:
        """Closes the connection once the request that is being answered is answered."""
        ...


class Connections:
    """The open connections of a server.

    Attributes:
        application: what is served.
        bounds: the bounds of each connection.
        tasks: the ASGI requests that are being answered.
    """

    def __init__(self, application: Application, bounds: Bounds = DEFAULT_BOUNDS) -> None:
        self.application = application
        self.bounds = bounds
        self.tasks: set[asyncio.Task[None]] = set()
        self._open: set[Connection] = set()
        self._all_closed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Adds a connection that was accepted."""
        self._open.add(connection)
        self._all_closed.clear()

    def remove(self, connection: Connection) -> None:
        """Removes a connection that is closed."""
        self._open.discard(connection)
        if not self._open:
            self._all_closed.set()

    async def close(self, timeout_s: float) -> None:
        """Closes all connections; waits so many seconds at most for requests that are being answered."""
        for connection in list(self._open):
            connection.shutdown()
        if not self._open and not self.tasks:
            return
        closed = asyncio.ensure_future(self._all_closed.wait())
        if not self._open:
            closed.cancel()
        await asyncio.wait({closed, *self.tasks}, timeout=timeout_s)
        closed.cancel()
