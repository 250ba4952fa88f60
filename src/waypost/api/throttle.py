"""Rate limits per second, counted exactly in a sliding window.

All times here are seconds of a monotonic clock, such as `time.monotonic()`, never business time: the sandbox
can move that by hours, but a limit protects the machine in real time.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping

_SECOND = 1.0
_SMALLEST_SWEEP = 1024


class SlidingWindow:
    """Allows at most `limit` events in any second; a burst of `limit` events at once is allowed.

    Attributes:
        limit: events per second.
    """

    __slots__ = ("_passed", "limit")

    def __init__(self, limit: int) -> None:
        """Starts without events; `limit` is at least 1."""
        if limit < 1:
            raise ValueError("a window needs a limit of at least 1")
        self.limit = limit
        self._passed: deque[float] = deque(maxlen=limit)

    def allow(self, now_s: float) -> int:
        """Counts an event and returns 0, or returns the milliseconds until one is allowed."""
        wait = self.wait(now_s)
        if not wait:
            self._passed.append(now_s)
        return wait

    def wait(self, now_s: float) -> int:
        """The milliseconds until an event is allowed, 0 if now; counts no event."""
        passed = self._passed
        if len(passed) < self.limit:
            return 0
        elapsed = now_s - passed[0]
        if elapsed >= _SECOND:
            return 0
        return max(1, math.ceil((_SECOND - elapsed) * 1000))

    def idle(self, now_s: float) -> bool:
        """Whether no event of the last second is left, so that the window can be dropped."""
        return not self._passed or now_s - self._passed[-1] >= _SECOND


class Throttle:
    """Limits the calls per second of each account and operation."""

    def __init__(
        self,
        limits: Mapping[str, int],
        default: int = 0,
        overrides: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        """Starts without calls.

        Args:
            limits: operation to calls per second and account; 0 for no limit.
            default: the limit of an operation that is not in `limits`.
            overrides: (account, operation) to the limit of that account, which takes precedence.
        """
        self._limits = dict(limits)
        self._default = default
        self._overrides = dict(overrides or {})
        self._windows: dict[tuple[str, str], SlidingWindow] = {}
        self._sweep_at = _SMALLEST_SWEEP

    def limit(self, account: str, operation: str) -> int:
        """The calls per second of an operation that an account may make; 0 for no limit."""
        override = self._overrides.get((account, operation))
        return self._limits.get(operation, self._default) if override is None else override

    def override(self, account: str, operation: str, limit: int | None) -> None:
        """Sets a limit for one account, or removes it with None; restarts the count."""
        if limit is None:
            self._overrides.pop((account, operation), None)
        else:
            self._overrides[account, operation] = limit
        self._windows.pop((account, operation), None)

    def allow(self, account: str, operation: str, now_s: float) -> int:
        """Counts a call and returns 0, or returns the milliseconds after which to try again."""
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
        # Only windows with a call in the last second are kept: memory is bounded by a second of traffic.
        self._windows = {key: window for key, window in self._windows.items() if not window.idle(now_s)}
        self._sweep_at = max(_SMALLEST_SWEEP, 2 * len(self._windows))


class FailedSignatures:
    """Limits the wrong signatures per second that are answered in detail, for each access key and each peer.

    Beyond the limit a wrong signature is answered `System.LimitControl`. Correct signatures are not counted,
    so nobody can lock out the owner of a key by guessing.
    """

    def __init__(
        self, per_second: int = 10, capacity: int = 10_000, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Starts without failures.

        Args:
            per_second: failures per second answered in detail, for a key and for a peer.
            capacity: the largest number of keys and peers, together, in memory; the one that failed least
                recently is dropped first.
            now: a monotonic clock, in seconds.
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
