"""When a connection has been too slow: what one sweep over all connections sees of it, and what that means.

There is no timer for a request or a connection: a sweep each second looks at every connection, and what it
saw is kept here until the connection enters another phase.
"""

import enum

from waypost.server.http_bounds import Bounds


class Phase(enum.Enum):
    """What a connection waits for its client to do."""

    IDLE = "begin a request"
    HEAD = "complete the head of a request"
    BODY = "complete the body of a request"
    UNREAD = "read the answers"


class Progress:
    """How far a client has come in a phase.

    Args:
        phase: the phase.
        size: the bytes of the body that are received, or those of answers that are not read.
        now_s: a monotonic clock, in seconds.
    """

    __slots__ = ("_last_change_s", "_last_size", "_size", "_start_s", "phase")

    def __init__(self, phase: Phase, size: int, now_s: float) -> None:
        self.phase = phase
        self._start_s = self._last_change_s = now_s
        self._size = self._last_size = size

    def is_overdue(self, size: int, now_s: float, bounds: Bounds) -> bool:
        """Whether the client has taken too long, at its present size."""
        elapsed_s = now_s - self._start_s
        if self.phase is Phase.IDLE:
            return elapsed_s >= bounds.idle_s
        if self.phase is Phase.HEAD:
            return elapsed_s >= bounds.head_s
        if size != self._last_size:
            self._last_size, self._last_change_s = size, now_s
        if now_s - self._last_change_s >= bounds.body_s:
            return True
        # What is received grows, what is not read shrinks.
        moved = size if self.phase is Phase.BODY else self._size - size
        return elapsed_s >= bounds.body_s and moved < bounds.rate * elapsed_s
