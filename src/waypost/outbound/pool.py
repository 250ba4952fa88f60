"""The connections to one origin: kept alive, bounded in number, and watched by one timer."""

import asyncio
import math
from collections import deque
from typing import NamedTuple

from waypost.outbound.connection import Connection
from waypost.outbound.dialer import Dialer, UnreachableError

# The loop's clock is that of its current turn, in milliseconds.
_CLOCK_RESOLUTION_S = 0.002


class _Waiter(NamedTuple):
    """A request without a connection. Its future gets a connection, or None as the right to open one."""

    future: "asyncio.Future[Connection | None]"
    deadline: float


class ConnectionPool:
    """Gives each request a connection of its own for its time; those beyond the limit wait in line.

    Args:
        dialer: opens the connections.
        limit: the number of connections at most.
    """

    def __init__(self, dialer: Dialer, limit: int) -> None:
        self._dialer = dialer
        self._limit = limit
        self._opened = 0
        self._connections: set[Connection] = set()
        self._idle: list[Connection] = []
        self._waiters: deque[_Waiter] = deque()
        self._timer: asyncio.Handle | None = None
        self._timer_at = math.inf
        self._closed: asyncio.Event | None = None
        self.loop = asyncio.get_running_loop()

    def take_idle(self) -> Connection | None:
        """A kept-alive connection, the last used one first; one that the server has closed is dropped."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable():
                return connection
            connection.abort()
        return None

    async def acquire(self, deadline: float) -> Connection:
        """A kept-alive connection, a new one, or the next that becomes free.

        Args:
            deadline: when to give up, on the loop's clock.

        Raises:
            UnreachableError: there was none until then, or none could be opened.
        """
        first = False
        while self._closed is None:
            if (connection := self.take_idle()) is not None:
                return connection
            if self._opened < self._limit:
                self._opened += 1
                return await self._open(deadline)
            connection = await self._wait(deadline, first=first)
            if connection is None:
                return await self._open(deadline)
            if connection.is_usable():
                return connection
            # It was closed while it was passed on.
            connection.abort()
            first = True
        raise UnreachableError("no connection (the client is closed)")

    async def _open(self, deadline: float) -> Connection:
        """Opens a connection, which is already counted."""
        try:
            connection = await self._dialer.dial(lambda sock: Connection(self, sock, self.loop), deadline)
            if self._closed is not None:
                connection.abort()
                raise UnreachableError("no connection (the client is closed)")
        except BaseException:
            self._free_place()
            raise
        self._connections.add(connection)
        return connection

    async def _wait(self, deadline: float, *, first: bool) -> Connection | None:
        waiter = _Waiter(self.loop.create_future(), deadline)
        if first:
            self._waiters.appendleft(waiter)
        else:
            self._waiters.append(waiter)
        self.watch(deadline)
        try:
            return await waiter.future
        except asyncio.CancelledError:
            if not waiter.future.cancelled() and waiter.future.exception() is None:
                if (connection := waiter.future.result()) is None:
                    self._free_place()
                else:
                    self.release(connection)
            raise

    def release(self, connection: Connection) -> None:
        """Passes a connection that can carry the next request to the first waiter, or keeps it."""
        self.watch(connection.deadline)
        if self._waiters and (future := self._next_waiter()) is not None:
            future.set_result(connection)
        else:
            self._idle.append(connection)

    def remove(self, connection: Connection) -> None:
        """Forgets a closed connection, whose place is free then."""
        if connection not in self._connections:
            return
        self._connections.remove(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._free_place()
        if self._closed is not None and not self._connections:
            self._closed.set()

    def _free_place(self) -> None:
        if (future := self._next_waiter()) is not None:
            future.set_result(None)
            return
        self._opened -= 1

    def _next_waiter(self) -> "asyncio.Future[Connection | None] | None":
        while self._waiters:
            future = self._waiters.popleft().future
            if not future.done():
                return future
        return None

    def watch(self, deadline: float) -> None:
        """Sets the timer of all connections and waiters to a deadline, unless it is set to an earlier one."""
        if deadline >= self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self.loop.call_at(deadline, self._read_first)

    def _read_first(self) -> None:
        """Lets what has come be read before it counts as late: a process that was held up sees its timers
        first. The loop polls its sockets between two turns and reads them in the second."""
        self._timer = self.loop.call_soon(self._read_then_expire)

    def _read_then_expire(self) -> None:
        self._timer = self.loop.call_soon(self._expire)

    def _expire(self) -> None:
        """Ends what is over, and sets the timer to the next deadline."""
        self._timer, self._timer_at = None, math.inf
        now = self.loop.time() + _CLOCK_RESOLUTION_S
        waiters = [waiter for waiter in self._waiters if not waiter.future.done()]
        self._waiters = deque(waiter for waiter in waiters if waiter.deadline > now)
        for waiter in waiters:
            if waiter.deadline <= now:
                waiter.future.set_exception(UnreachableError("no connection in time"))
        connections = tuple(self._connections)
        for connection in connections:
            if connection.deadline <= now:
                connection.expire()
        deadlines = [*(one.deadline for one in connections), *(one.deadline for one in waiters)]
        self.watch(min((deadline for deadline in deadlines if deadline > now), default=math.inf))

    async def close(self) -> None:
        """Closes all connections; a request that is out is unknown, one that waits is refused."""
        if self._closed is None:
            self._closed = asyncio.Event()
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = -math.inf
            for waiter in self._waiters:
                if not waiter.future.done():
                    waiter.future.set_exception(UnreachableError("no connection (the client is closed)"))
            for connection in self._connections:
                connection.abort()
        if self._connections:
            await self._closed.wait()
