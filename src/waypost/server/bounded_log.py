"""Warnings that anybody can cause by a request, in the log at a bounded rate."""

from typing import Any

import structlog

log = structlog.get_logger()

LINES_PER_SECOND = 5
"""The most lines of one event in a second."""


class BoundedLog:
    """Writes the first lines of each event in a second, and then how many were left out.

    A second ends by `tick`, which the owner calls.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def warning(self, event: str, **fields: Any) -> None:
        """Writes a line, unless the event has had its lines of this second."""
        count = self._counts[event] = self._counts.get(event, 0) + 1
        if count <= LINES_PER_SECOND:
            log.warning(event, **fields)

    def tick(self) -> None:
        """Ends a second."""
        counts, self._counts = self._counts, {}
        for event, count in counts.items():
            if count > LINES_PER_SECOND:
                log.warning("http.lines_left_out", of=event, lines=count - LINES_PER_SECOND)
