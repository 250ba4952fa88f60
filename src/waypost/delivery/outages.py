"""When a customer's URL begins to fail, and when it is well again: two lines in the log, however many
attempts fail between them."""

from collections.abc import Callable
from typing import NamedTuple

from waypost.clock import steady_seconds

_REMINDED_AFTER_S = 600.0


class Recovery(NamedTuple):
    """How an outage was.

    Attributes:
        failed: how many attempts failed.
        seconds: from its first failure to the answer that ended it.
    """

    failed: int
    seconds: float


class Outage:
    """Whether one customer's URL fails; providers have breakers (`waypost.delivery.route_breaker`).

    An outage ends with an answer that comes some time after the last failure: of a thing that fails now and
    then under load, each failure would begin another one otherwise.

    Args:
        quiet_s: that time, in seconds.
        seconds: a clock.
    """

    def __init__(self, quiet_s: float = 5.0, seconds: Callable[[], float] = steady_seconds) -> None:
        self._quiet_s = quiet_s
        self._seconds = seconds
        self._since: float | None = None
        self._latest = 0.0
        self._reported = 0.0
        self.failed = 0

    def note_failure(self) -> bool:
        """Takes a failure; whether it is to be reported: the first one, and one every ten minutes."""
        self._latest = self._seconds()
        self.failed += 1
        if self._since is None:
            self._since = self._reported = self._latest
            return True
        if self._latest - self._reported >= _REMINDED_AFTER_S:
            self._reported = self._latest
            return True
        return False

    def note_answer(self) -> Recovery | None:
        """Takes an answer; how the outage was, if it ends it."""
        if self._since is None:
            return None
        now = self._seconds()
        if now - self._latest < self._quiet_s:
            return None
        recovery = Recovery(self.failed, round(now - self._since, 1))
        self._since, self.failed = None, 0
        return recovery
