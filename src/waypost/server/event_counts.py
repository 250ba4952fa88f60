"""Counts the events of the log, by the one list of them (`waypost.model.events`)."""

from collections import Counter
from collections.abc import MutableMapping
from typing import Any

import structlog

from waypost.model.events import COUNTED_LEVELS, EVENTS, EVENTS_COUNTER

_LEVELS = ("debug", "info", "warning", "error", "critical")


class EventCounts:
    """A processor of structlog that counts warnings and errors, and drops what is below the level.

    Attributes:
        counts: how many there were, by counter and the values of its labels.
        level: the level from which lines are written.
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.level = "debug"

    def __call__(self, _: Any, __: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The event, or `structlog.DropEvent`."""
        level = event_dict.get("level", "")
        if level not in COUNTED_LEVELS:
            return event_dict
        event = EVENTS.get(str(event_dict.get("event")))
        if event is not None:
            own = tuple(str(event_dict.get(name, "")) for name in event.labels)
            self.counts[event.counter, own if event.counter != EVENTS_COUNTER else (event.name,)] += 1
        if _LEVELS.index(level) < _LEVELS.index(self.level):
            raise structlog.DropEvent
        return event_dict


EVENT_COUNTS = EventCounts()
"""Those of this process, as the log is that of the process."""
