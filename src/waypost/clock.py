"""The one source of business time. Everything that waits asks a clock, so that the sandbox can move it.

Signatures are about the caller's real time and take theirs from `wall_seconds`; the throttle protects the
machine and takes its own from `steady_seconds`.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


def wall_seconds() -> float:
    """The machine's time in seconds UTC, which no sandbox moves."""
    return time.time()


def steady_seconds() -> float:
    """Seconds that only ever go forward, at the pace of real time; their start means nothing."""
    return time.monotonic()


class Clock(Protocol):
    """Business time."""

    def now(self) -> int:
        """Milliseconds UTC."""
        ...

    async def wait(self, until: int | None, woken: asyncio.Event) -> None:
        """Returns when `until` (milliseconds UTC) is reached or `woken` is set, and clears `woken`."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> int:
        """Milliseconds UTC."""
        return time.time_ns() // 1_000_000

    async def wait(self, until: int | None, woken: asyncio.Event) -> None:
        """Returns when `until` is reached or `woken` is set, and clears `woken`."""
        await _wait(self, until, woken)


class MovableClock:
    """The machine's time plus an offset that can be moved forward; waiting sleepers notice at once.

    Args:
        offset: milliseconds ahead of the machine's time.
        moved: told the new offset at every move, so that it can be kept.
    """

    def __init__(self, offset: int = 0, moved: Callable[[int], None] | None = None) -> None:
        self._offset = offset
        self._moved = moved
        self._sleepers: set[asyncio.Event] = set()

    @property
    def offset(self) -> int:
        """Milliseconds ahead of the machine's time."""
        return self._offset

    def now(self) -> int:
        """Milliseconds UTC."""
        return time.time_ns() // 1_000_000 + self._offset

    def move_to(self, moment: int) -> None:
        """Moves the clock forward to `moment` (milliseconds UTC); never back."""
        ahead = moment - self.now()
        if ahead <= 0:
            return
        self._offset += ahead
        if self._moved is not None:
            self._moved(self._offset)
        for sleeper in self._sleepers:
            sleeper.set()

    async def wait(self, until: int | None, woken: asyncio.Event) -> None:
        """Returns when `until` is reached, the clock was moved or `woken` is set, and clears `woken`."""
        self._sleepers.add(woken)
        try:
            await _wait(self, until, woken)
        finally:
            self._sleepers.discard(woken)


async def _wait(clock: Clock, until: int | None, woken: asyncio.Event) -> None:
    seconds = None if until is None else max(0.0, (until - clock.now()) / 1000)
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except TimeoutError:
        return
    finally:
        woken.clear()
