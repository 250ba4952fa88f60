"""Ends the process when a stop takes longer than it may, whatever hangs."""

import os
import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger()

_FAILED = 1


class StopDeadline:
    """A deadline for the end of the process.

    What can hang a stop is out of Python's reach: a flush that the disk does not end, or a lookup of a name
    in a thread, which the interpreter waits for when it ends. All that was answered is durable by then, so
    ending at once loses no more than a crash does.

    Args:
        seconds: from `arm` on.
        end: ends the process with an exit code.
    """

    def __init__(self, seconds: float, end: Callable[[int], object] = os._exit) -> None:
        self._seconds = seconds
        self._end = end
        self._armed = False

    def arm(self, seconds: float | None = None) -> None:
        """Starts the time, once; a process that ends before takes no notice."""
        if self._armed:
            return
        self._armed = True
        limit = self._seconds if seconds is None else seconds
        threading.Thread(target=self._watch, args=(limit,), name="waypost-stop", daemon=True).start()

    def _watch(self, limit: float) -> None:
        threading.Event().wait(limit)
        log.error("stop.forced", seconds=limit)
        self._end(_FAILED)
