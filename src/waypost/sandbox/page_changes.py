"""Says to the pages that are open that something they show has changed, at most once a second."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from waypost.clock import steady_seconds

MOST_WATCHERS = 100
"""How many pages may be open at once."""
SHORTEST_S = 1.0
"""The least time between two changes, in real seconds: what comes meanwhile is one change."""
MOST_REQUESTS_A_SECOND = 4
"""How many times a second all open pages together ask for what has changed: many hear of it less often."""
_GATHER_S = 0.05
_KEEP_ALIVE_S = 15.0
# Of more subjects at once everybody hears.
_MOST_SUBJECTS = 1000
_CHANGE = b"event: change\ndata: {}\n\n"


class PageChanges:
    """The changes of one sandbox. While no page is open nothing is kept, and nothing costs anything.

    Args:
        when_watched: called with whether changes are wanted.

    Attributes:
        number: of the latest change: what is read from then on is at least as new.
        is_watched: whether a page is open.
    """

    def __init__(self, when_watched: Callable[[bool], None] = lambda watched: None) -> None:
        self._when_watched = when_watched
        self._watchers: dict[asyncio.Event, str] = {}
        self._subjects: set[str] = set()
        self._is_about_all = False
        # Whether a page is open that is about one subject.
        self._are_particular = False
        self._announced_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self.number = 0

    @property
    def is_watched(self) -> bool:
        """Whether a page is open."""
        return bool(self._watchers)

    @property
    def is_full(self) -> bool:
        """Whether as many are open as may be."""
        return len(self._watchers) >= MOST_WATCHERS

    def note(self, subjects: Iterable[str]) -> None:
        """Notes that something changed about subjects: ids of messages, numbers of phones, `calls`.

        They are not even asked for while only pages are open that any change is of interest to.
        """
        if not self._watchers:
            return
        if self._are_particular and not self._is_about_all:
            self._subjects.update(subjects)
            self._is_about_all = len(self._subjects) > _MOST_SUBJECTS
        self._announce_soon()

    def note_all(self) -> None:
        """Notes that something changed that every page may show."""
        if self._watchers:
            self._is_about_all = True
            self._announce_soon()

    def close(self) -> None:
        """Ends all streams."""
        self._is_closed = True
        for woken in self._watchers:
            woken.set()

    async def stream(self, subject: str = "") -> AsyncIterator[bytes]:
        """The changes from now on in the form of server-sent events; it ends when the sandbox does.

        Args:
            subject: only of this one; empty for any.
        """
        woken = asyncio.Event()
        is_first = not self._watchers
        self._watchers[woken] = subject
        self._are_particular = any(self._watchers.values())
        if is_first:
            # What changed while nobody was here was not noted.
            self.number += 1
            self._when_watched(True)
        try:
            yield b"retry: 1000\n\n"
            while not self._is_closed:
                try:
                    await asyncio.wait_for(woken.wait(), _KEEP_ALIVE_S)
                except TimeoutError:
                    yield b": \n\n"
                    continue
                if not self._is_closed:
                    woken.clear()
                    yield _CHANGE
        finally:
            del self._watchers[woken]
            self._are_particular = any(self._watchers.values())
            if not self._watchers:
                self._forget()
                self._when_watched(False)

    def _announce_soon(self) -> None:
        if self._timer is None:
            between_s = max(SHORTEST_S, len(self._watchers) / MOST_REQUESTS_A_SECOND)
            wait = max(_GATHER_S, self._announced_at + between_s - steady_seconds())
            self._timer = asyncio.get_running_loop().call_later(wait, self._announce)

    def _announce(self) -> None:
        self._announced_at = steady_seconds()
        self.number += 1
        for woken, subject in self._watchers.items():
            if self._is_about_all or not subject or subject in self._subjects:
                woken.set()
        self._forget()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._subjects.clear()
        self._is_about_all = False
