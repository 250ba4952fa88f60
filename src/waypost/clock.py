"""The clock of the service. All delays and timestamps use it, so that the sandbox can move it.

Real time is used where a moved clock would be wrong: `wall_seconds` for signatures, which have the caller's
time, and `steady_seconds` for the throttle, which protects the machine.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


def wall_seconds() -> float:
    """Real time in seconds UTC."""
    return time.time()


def steady_seconds() -> float:
    """Monotonic real time in seconds since an arbitrary start."""
    return time.monotonic()


class Clock(Protocol):
    """The time of the service."""

    def now(self) -> int:
        """The time in milliseconds UTC."""
        ...

    async def wait(self, until: int | None, woken: asyncio.Event) -> None:
        """Returns when `until` (milliseconds UTC) is reached or `woken` is set, and clears `woken`."""
        ...


class SystemClock:
    """Real time."""

    def now(self) -> int:
        """The time in milliseconds UTC."""
        return time.time_ns() // 1_000_000

    async def wait(self, until: int | None, woken: asyncio.Event) -> None:
        """Returns when `until` is reached or `woken` is set, and clears `woken`."""
        await _wait_until(self, until, woken)


class MovableClock:
    """Real time plus an offset that can be increased; those who wait are woken when it is.

    Args:
        offset: milliseconds ahead of real time.
        on_move: called with the new offset after each move.
    """

    def __init__(self, offset: int = 0, on_move: Callable[[int], None] | None = None) -> None:
        self._offset = offset
        self._on_move = on_move
        self._sleepers: set[asyncio.Event] = set()

    @property
    def offset(self) -> int:
        """Milliseconds ahead of real time."""
        return self._offset

    def now(self) -> int:
        """The time in milliseconds UTC."""
        return time.time_ns() // 1_000_000 + self._offset

    def move_to(self, target: int) -> None:
        """Moves the clock forward to `target` (milliseconds UTC); an earlier time changes nothing."""
        ahead = target - self.now()
        if ahead <= 0:
            return
        self._offset += ahead
        if self._on_move is not None:
            self._on_move(self._offset)
        for sleeper in self._sleepers:
            sleeper.set()

    async def wait(self, until: int | None, woken: asyncio.Event) -> None:
        """Returns when `until` is reached, the clock was moved or `woken` is set, and clears `woken`."""
        self._sleepers.add(woken)
        try:
            await _wait_until(self, until, woken)
        finally:
            self._sleepers.discard(woken)


async def _wait_until(clock: Clock, until: int | None, woken: asyncio.Event) -> None:
    seconds = None if until is None else max(0.0, (until - clock.now()) / 1000)
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except TimeoutError:
        return
    finally:
        woken.clear()
