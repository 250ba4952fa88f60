"""Turns of the connections that have more than a short request to work on: all together a third of the time.

A client that sends much at once, or asks for much and does not read it, would hold up those with one short
call each, however fair the connections are among each other.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from time import monotonic
from typing import Any, Protocol

# So long they work at once, and so many times as long they then pause: the calls of others cost most of their
# time after they are read.
_SHARE_S = 0.002
_PAUSES = 2
# So long the making of a page counts at most: what takes longer waits for something, such as a long poll.
_LONGEST_PAGE_S = 0.02


class Connection(Protocol):
    """A connection that takes turns."""

    def go_on(self) -> None:
        """Goes on for about a millisecond with what it has received."""
        ...


class Turns:
    """Whose turn it is.

    Attributes:
        pages: the requests that tasks answer.
    """

    def __init__(self) -> None:
        self.pages: set[asyncio.Task[None]] = set()
        self._ready: deque[Connection] = deque()
        self._is_due = False
        self._pause_ends_s = 0.0
        # The one that was begun in this turn.
        self._page: asyncio.Task[None] | None = None
        self._end_task: asyncio.Task[None] | None = None

    def run_later(self, connection: Connection) -> None:
        """Lets a connection go on when it is its turn."""
        self._ready.append(connection)
        if not self._is_due:
            self._schedule()

    def begin_page(self, answering: Coroutine[Any, Any, None]) -> None:
        """Answers a request in a task, whose time counts as the turn's in which it is begun."""
        page = asyncio.get_running_loop().create_task(answering)
        self.pages.add(page)
        page.add_done_callback(self.pages.discard)
        self._page = page

    def _schedule(self) -> None:
        # The writer's thread needs the interpreter too, and gets it while the event loop waits.
        self._is_due = True
        asyncio.get_running_loop().call_later(max(0.0, self._pause_ends_s - monotonic()), self._run)

    def _run(self) -> None:
        begins_s = monotonic()
        self._page = None
        try:
            while self._ready:
                self._ready.popleft().go_on()
                if self._page is not None or monotonic() >= begins_s + _SHARE_S:
                    break
        finally:
            if self._page is None:
                self._end(begins_s)
            else:
                end = self._end_with(self._page, begins_s)
                self._end_task = asyncio.get_running_loop().create_task(end)

    async def _end_with(self, page: "asyncio.Task[None]", begins_s: float) -> None:
        await asyncio.wait({page}, timeout=_LONGEST_PAGE_S)
        self._end(begins_s)

    def _end(self, begins_s: float) -> None:
        """Pauses, also if nobody is ready: a connection that has worked all off may have more at once."""
        now_s = monotonic()
        self._pause_ends_s = now_s + _PAUSES * (now_s - begins_s)
        self._is_due = False
        if self._ready:
            self._schedule()
