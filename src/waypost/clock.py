"""The clock of the service. All delays and timestamps use it, so that the sandbox can move it.

Under it is real time that does not jump (`RealTime`): a machine's wall clock may be set an hour ahead or back
while the service runs, and neither a due time nor a lease may come an hour early or late for that.

Real time is used where a moved clock would be wrong: `wall_seconds` for signatures, which have the caller's
time, `real_seconds` for leases, and `steady_seconds` for the throttle, which protects the machine.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

_NS = 1_000_000_000
# What the wall clock may be off before that counts as a step, in nanoseconds.
_STEP_NS = _NS
# What the time follows a wall clock that was stepped by, of the time that passes: one hundredth.
_FOLLOW_DIVISOR = 100


# Monotonic time that counts what the machine slept, where the system has such.
_monotonic_ns: Callable[[], int] = (
    partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic_ns
)


class RealTime:
    """Time as the wall clock had it at the start, carried on by the monotonic clock.

    After a step of the wall clock it follows that slowly: by one second in a hundred, so that it is never
    set back and no due time comes early by more than that.

    Args:
        wall: the wall clock, in nanoseconds UTC.
        monotonic: a clock that nobody sets, in nanoseconds.

    Attributes:
        behind_s: how far it was behind the wall clock when that was observed last; negative if ahead.
    """

    def __init__(
        self, wall: Callable[[], int] = time.time_ns, monotonic: Callable[[], int] = _monotonic_ns
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._observed = monotonic()
        self._latest = wall()
        self._offset = self._latest - self._observed
        self.behind_s = 0.0

    def seconds(self) -> float:
        """The time in seconds UTC."""
        return (self._monotonic() + self._offset) / _NS

    def wall_seconds(self) -> float:
        """The wall clock, which callers' clocks agree with, in seconds UTC; but once it was set back, no
        earlier than this time: nonces of calls that have expired are forgotten."""
        now = self._wall()
        if now >= self._latest:
            self._latest = now
            return now / _NS
        return max(now / _NS, self.seconds())

    def milliseconds(self) -> int:
        """The time in milliseconds UTC."""
        return (self._monotonic() + self._offset) // 1_000_000

    @property
    def is_off(self) -> bool:
        """Whether it has not caught up with a step of the wall clock yet."""
        return abs(self.behind_s) * _NS >= _STEP_NS

    def observe(self) -> float | None:
        """Compares with the wall clock and follows it; returns the seconds of a step since the last time."""
        now = self._monotonic()
        most = (now - self._observed) // _FOLLOW_DIVISOR
        self._observed = now
        behind = self._wall() - now - self._offset
        step = behind - int(self.behind_s * _NS)
        followed = max(-most, min(most, behind))
        self._offset += followed
        self.behind_s = (behind - followed) / _NS
        return step / _NS if abs(step) >= _STEP_NS else None


REAL_TIME = RealTime()
"""That of this process."""


wall_seconds = REAL_TIME.wall_seconds
"""The time by which signatures are judged, in seconds UTC."""
real_seconds = REAL_TIME.seconds
"""Real time that does not jump, in seconds UTC; by it leases end."""
steady_seconds = time.monotonic
"""Monotonic real time in seconds since an arbitrary start."""


def machine_seconds() -> float:
    """Monotonic real time in seconds that all processes of a machine share; a rate is kept by it."""
    return _monotonic_ns() / _NS


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

    # It is asked some times for each message.
    now = staticmethod(REAL_TIME.milliseconds)

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
        return REAL_TIME.milliseconds() + self._offset

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
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
    finally:
        woken.clear()
