"""Limits of events within a second, counted exactly.

All times here are seconds of a clock that only moves forward at the pace of real time, such as
`time.monotonic()`, and never the service's own clock: that one can be moved by hours in the sandbox, and a
limit protects the machine, which lives in real time.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping

_SECOND = 1.0
_SMALLEST_SWEEP = 1024


class SlidingWindow:
    """Lets `limit` events pass in any second, however they fall; a burst of `limit` at once passes.

    Attributes:
        limit: events in a second.
    """

    __slots__ = ("_passed", "limit")

    def __init__(self, limit: int) -> None:
        """Starts empty; `limit` is at least 1."""
        if limit < 1:
            raise ValueError("a window needs a limit of at least 1")
        self.limit = limit
        self._passed: deque[float] = deque(maxlen=limit)

    def allow(self, now_s: float) -> int:
        """Lets one event pass and returns 0, or returns the milliseconds until one can pass."""
        wait = self.wait(now_s)
        if not wait:
            self._passed.append(now_s)
        return wait

    def wait(self, now_s: float) -> int:
        """The milliseconds until an event can pass, 0 if at once; it lets none pass."""
        passed = self._passed
        if len(passed) < self.limit:
            return 0
        elapsed = now_s - passed[0]
        if elapsed >= _SECOND:
            return 0
        return max(1, math.ceil((_SECOND - elapsed) * 1000))

    def idle(self, now_s: float) -> bool:
        """Whether nothing that passed counts any more, so that the window can be dropped."""
        return not self._passed or now_s - self._passed[-1] >= _SECOND


class Throttle:
    """Limits how often each account may call each operation in a second."""

    def __init__(
        self,
        limits: Mapping[str, int],
        default: int = 0,
        overrides: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        """Starts with no calls made.

        Args:
            limits: calls a second of an account, by operation; 0 for no limit.
            default: the limit of an operation that is not in `limits`.
            overrides: limits of one account by (account, operation), which go before the others.
        """
        self._limits = dict(limits)
        self._default = default
        self._overrides = dict(overrides or {})
        self._windows: dict[tuple[str, str], SlidingWindow] = {}
        self._sweep_at = _SMALLEST_SWEEP

    def limit(self, account: str, operation: str) -> int:
        """The calls a second that an account may make of an operation; 0 for no limit."""
        override = self._overrides.get((account, operation))
        return self._limits.get(operation, self._default) if override is None else override

    def override(self, account: str, operation: str, limit: int | None) -> None:
        """Gives an account a limit of its own, or with None takes it away; counting starts anew."""
        if limit is None:
            self._overrides.pop((account, operation), None)
        else:
            self._overrides[account, operation] = limit
        self._windows.pop((account, operation), None)

    def allow(self, account: str, operation: str, now_s: float) -> int:
        """Lets a call pass and returns 0, or returns the milliseconds after which to try again."""
        key = (account, operation)
        window = self._windows.get(key)
        if window is None:
            limit = self.limit(account, operation)
            if not limit:
                return 0
            window = self._windows[key] = SlidingWindow(limit)
            if len(self._windows) > self._sweep_at:
                self._sweep(now_s)
        return window.allow(now_s)

    def _sweep(self, now_s: float) -> None:
        # Only windows with a call in the last second stay, so memory is bound to the traffic of a second.
        self._windows = {key: window for key, window in self._windows.items() if not window.idle(now_s)}
        self._sweep_at = max(_SMALLEST_SWEEP, 2 * len(self._windows))


class FailedSignatures:
    """Limits how many wrong signatures a second are answered in detail, for each access key and each peer.

    Whoever guesses gets `System.LimitControl` beyond that. Calls with a correct signature never come here, so
    nobody can lock the owner of a key out by guessing.
    """

    def __init__(
        self, per_second: int = 10, capacity: int = 10_000, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Starts with no failures.

        Args:
            per_second: failures answered in detail a second, for a key and for a peer.
            capacity: how many keys and peers, together, are remembered; the one that failed least recently is
                dropped first.
            now: the clock, in seconds of real time.
        """
        self._per_second = per_second
        self._capacity = capacity
        self._now = now
        self._windows: OrderedDict[tuple[str, str], SlidingWindow] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    def count_failure(self, access_key_id: str, peer: str) -> int:
        """Counts a wrong signature; 0 if it may be answered in detail, else the milliseconds to wait."""
        now_s = self._now()
        windows = (self._window(("key", access_key_id)), self._window(("peer", peer)))
        wait = max(window.wait(now_s) for window in windows)
        if not wait:
            for window in windows:
                window.allow(now_s)
        return wait

    def _window(self, key: tuple[str, str]) -> SlidingWindow:
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = SlidingWindow(self._per_second)
            if len(self._windows) > self._capacity:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(key)
        return window
