"""What happens in a sandbox, as server-sent events for whoever looks at it."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import msgspec

from waypost.clock import steady_seconds

MOST_KEPT = 1000
"""How many events a reader may be behind, or may have missed while it connects again."""
MOST_READERS = 20
"""How many may read at once."""
_KEPT_FOR_S = 60.0
# How often a connection on which nothing happens carries a comment, in real seconds.
_KEEP_ALIVE_S = 15.0
_LOST = b'event: lost\ndata: {"reason": "events before this were not kept; look at the lists again"}\n\n'


class _Event(NamedTuple):
    number: int
    text: bytes


class EventFeed:
    """The events of one sandbox.

    They are kept while somebody reads them, and for a minute more, so that a reader that connects again with
    `Last-Event-ID` misses none. Else nothing is kept, and nothing costs anything.

    Args:
        when_watched: called with whether events are wanted.
    """

    def __init__(self, when_watched: Callable[[bool], None] = lambda watched: None) -> None:
        self._when_watched = when_watched
        # Numbers of another feed mean nothing to this one.
        self._run = secrets.token_hex(4)
        self._last = 0
        self._kept: deque[_Event] = deque(maxlen=MOST_KEPT)
        self._readers: set[asyncio.Event] = set()
        self._idle_since: float | None = None
        self._is_closed = False
        self.is_on = False

    @property
    def is_full(self) -> bool:
        """Whether as many read as may."""
        return len(self._readers) >= MOST_READERS

    def publish(self, kind: str, make: Callable[[], object]) -> None:
        """Adds an event if anybody wants it.

        Args:
            make: returns its data.
        """
        if not self.is_on:
            return
        if self._idle_since is not None and steady_seconds() > self._idle_since + _KEPT_FOR_S:
            self._turn(on=False)
            return
        self._last += 1
        data = msgspec.json.encode(make()).decode()
        text = f"id: {self._run}-{self._last}\nevent: {kind}\ndata: {data}\n\n"
        self._kept.append(_Event(self._last, text.encode()))
        for reader in self._readers:
            reader.set()

    def close(self) -> None:
        """Ends all streams."""
        self._is_closed = True
        for reader in self._readers:
            reader.set()

    async def stream(self, last_event_id: str = "") -> AsyncIterator[bytes]:
        """The events from now on, or behind one, in the form of server-sent events.

        It ends when the sandbox does, and for a reader that is so far behind that events were dropped.
        """
        woken = asyncio.Event()
        self._turn(on=True)
        self._readers.add(woken)
        # From here on: what comes while the first lines are sent is not missed.
        position = self._position(last_event_id)
        now_at = self._last
        try:
            yield b"retry: 1000\n\n"
            if position is None:
                yield _LOST
                position = now_at
            while not self._is_closed:
                if self._kept and self._kept[0].number > position + 1:
                    yield _LOST
                    return
                for event in [event for event in self._kept if event.number > position]:
                    position = event.number
                    yield event.text
                    if self._kept[0].number > position + 1:
                        break
                if position < self._last:
                    continue
                woken.clear()
                try:
                    await asyncio.wait_for(woken.wait(), _KEEP_ALIVE_S)
                except TimeoutError:
                    yield b": \n\n"
        finally:
            self._readers.discard(woken)
            if not self._readers:
                self._idle_since = steady_seconds()

    def _position(self, last_event_id: str) -> int | None:
        """The number of the last event that a reader has; None if what followed is not kept."""
        if not last_event_id:
            return self._last
        run, _, number = last_event_id.partition("-")
        if run != self._run or not number.isascii() or not number.isdecimal() or len(number) > 15:
            return None
        position = int(number)
        first = self._kept[0].number if self._kept else self._last + 1
        return position if first - 1 <= position <= self._last else None

    def _turn(self, *, on: bool) -> None:
        self._idle_since = None
        if on != self.is_on:
            self.is_on = on
            # What was not seen meanwhile cannot be gone on from.
            self._kept.clear()
            self._last += 1
            self._when_watched(on)
