"""What the connections of a server share: application, bounds, who is connected, and what they hold."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

import structlog

from waypost.api.http_messages import Handler, HttpRequest
from waypost.server.bounded_log import BoundedLog
from waypost.server.http_bounds import DEFAULT_BOUNDS, Bounds
from waypost.server.turns import Turns

log = structlog.get_logger()

_SWEEP_INTERVAL_S = 1.0
# A sweep that comes so much too late judges nobody: what clients have sent meanwhile is not read yet.
_LATE_SWEEPS = 2
_SWEPT_AT_ONCE = 50


class Application(Protocol):
    """What a server serves: handlers for the requests that must cost little, and ASGI for all others."""

    def handler_of(self, request: HttpRequest) -> Handler | None:
        """The handler of a request whose body is not received yet; None for the ASGI application."""
        ...

    def needs_large_body(self, request: HttpRequest) -> bool:
        """Whether the operation of a request may need a body as long as `Bounds.large_body`."""
        ...

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """The ASGI application."""
        ...


class Connection(Protocol):
    """An open connection."""

    def shutdown(self) -> None:
        """Closes the connection once the request that is being answered is answered."""
        ...

    def check_progress(self, now_s: float) -> None:
        """Ends the connection if its client takes too long."""
        ...

    def abort(self, reason: str) -> None:
        """Ends the connection at once."""
        ...


class Connections:
    """The open connections of a server.

    Attributes:
        application: what is served.
        bounds: the bounds of connections.
        turns: whose turn it is of those with more than a short request.
        log: the lines that clients can cause.
    """

    def __init__(self, application: Application, bounds: Bounds = DEFAULT_BOUNDS) -> None:
        self.application = application
        self.bounds = bounds
        self.turns = Turns()
        self.log = BoundedLog()
        self._open: dict[Connection, str] = {}
        self._of_address: Counter[str] = Counter()
        # Those that hold something, the one that began first in front.
        self._held: dict[Connection, int] = {}
        self._held_in_all = 0
        self._all_closed = asyncio.Event()
        self._interval_s = min(_SWEEP_INTERVAL_S, bounds.idle_s / 4, bounds.head_s / 4, bounds.body_s / 4)
        self._sweep_timer: asyncio.TimerHandle | None = None
        self._swept_s = 0.0

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection, address: str) -> bool:
        """Adds a connection that was accepted; False if there are too many, in all or of its address."""
        reason = self._too_many(address)
        if reason:
            self.log.warning("http.too_many_connections", peer=address, reason=reason)
            return False
        self._open[connection] = address
        self._of_address[address] += 1
        self._all_closed.clear()
        if self._sweep_timer is None:
            self._schedule_sweep()
        return True

    def _too_many(self, address: str) -> str:
        bounds = self.bounds
        if len(self._open) >= bounds.connections:
            return f"there are {bounds.connections}, as many as server.max_connections allows"
        if self._of_address[address] >= bounds.of_address and not bounds.is_trusted(address):
            return (
                f"the address has {bounds.of_address}, as many as server.max_connections_per_address allows"
            )
        return ""

    def remove(self, connection: Connection) -> None:
        """Removes a connection that is closed."""
        address = self._open.pop(connection, None)
        if address is None:
            return
        self.hold(connection, 0)
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]
        if not self._open:
            self._all_closed.set()

    def hold(self, connection: Connection, size: int) -> None:
        """Counts the bytes that a connection holds of an unfinished request and of unread answers.

        When all hold more than they may, those that began to hold first are ended.
        """
        before = self._held.pop(connection, 0) if not size else self._held.get(connection, 0)
        self._held_in_all += size - before
        if not size:
            return
        self._held[connection] = size
        while self._held_in_all > self.bounds.held:
            first = next(iter(self._held))
            self._held_in_all -= self._held.pop(first)
            first.abort("all together hold more bytes than server.max_unfinished_bytes allows")

    def _schedule_sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._swept_s = loop.time()
        self._sweep_timer = loop.call_later(self._interval_s, self._sweep)

    def _sweep(self) -> None:
        """Ends the connections whose clients take too long."""
        now_s = asyncio.get_running_loop().time()
        self.log.tick()
        self._check_files()
        is_late = now_s - self._swept_s > (1 + _LATE_SWEEPS) * self._interval_s
        self._sweep_some(iter(()) if is_late else iter(list(self._open)), now_s)

    def _sweep_some(self, connections: Iterator[Connection], now_s: float) -> None:
        """Looks at some connections, and goes on in the next turn of the event loop."""
        some = list(islice(connections, _SWEPT_AT_ONCE))
        for connection in some:
            if connection in self._open:
                connection.check_progress(now_s)
        self._sweep_timer = None
        if len(some) == _SWEPT_AT_ONCE:
            self._sweep_timer = asyncio.get_running_loop().call_later(0, self._sweep_some, connections, now_s)
        elif self._open:
            self._schedule_sweep()

    def _check_files(self) -> None:
        """Writes a line when no connection can be accepted, which the event loop does not report."""
        try:
            os.close(os.dup(0))
        except OSError as error:
            log.error("http.accept_failed", error=str(error), connections=len(self._open))

    async def close(self, timeout_s: float) -> None:
        """Closes all connections; waits so many seconds at most for requests that are being answered."""
        for connection in list(self._open):
            connection.shutdown()
        if self._open or self.turns.pages:
            closed = asyncio.ensure_future(self._all_closed.wait())
            if not self._open:
                closed.cancel()
            await asyncio.wait({closed, *self.turns.pages}, timeout=timeout_s)
            closed.cancel()
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
