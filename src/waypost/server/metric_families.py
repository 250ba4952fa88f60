"""Every metric, in one table: what it is called, its labels and what it means."""

from typing import NamedTuple

from waypost.model.events import COUNTED_LEVELS, EVENTS, EVENTS_COUNTER


class Family(NamedTuple):
    """A metric.

    Attributes:
        name: its name; that of a counter ends in `_total`.
        kind: `gauge`, `counter` or `histogram`.
        labels: the names of its labels; there is none for a message, a person or an account.
        meaning: what it says, with its unit.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


_OF_A_LANE = ("route", "class", "accounts")

_MEASURED = (
    Family(
        "waypost_waiting",
        "gauge",
        _OF_A_LANE,
        "messages that are due and wait for their route, or are under way; of each account and class at most "
        "10,000 are counted",
    ),
    Family("waypost_oldest_waiting_seconds", "gauge", _OF_A_LANE, "how long the first of them has been due"),
    Family("waypost_in_flight", "gauge", _OF_A_LANE, "requests to the provider that are under way"),
    Family(
        "waypost_outcomes_total",
        "counter",
        (*_OF_A_LANE, "outcome"),
        "requests that have ended: accepted, unknown (no usable answer), or the failure",
    ),
    Family(
        "waypost_route_state",
        "gauge",
        ("route", "state"),
        "1 for the state that a route is in: closed (it is used), open, half_open or paused",
    ),
    Family(
        "waypost_callbacks_waiting",
        "gauge",
        ("accounts",),
        "pushes of callbacks that are due, of each account and URL at most 10,000",
    ),
    Family(
        "waypost_callbacks_oldest_seconds", "gauge", ("accounts",), "how long the first of them has been due"
    ),
    Family(
        "waypost_callback_tries_total",
        "counter",
        ("accounts", "outcome"),
        "tries of callbacks: delivered, waiting (tried again later) or dead",
    ),
    Family("waypost_stage_behind_seconds", "gauge", ("stage",), "how overdue the oldest work of a stage is"),
    Family(
        "waypost_calls_total",
        "counter",
        ("operation", "code"),
        "calls that were answered, by operation (empty for one that there is not) and code",
    ),
    Family(
        "waypost_accept_seconds",
        "histogram",
        (),
        "how long calls took that messages were accepted by, from their arrival to the answer",
    ),
    Family("waypost_flush_seconds", "histogram", (), "how long transactions took, with their flush to disk"),
    Family("waypost_calls_not_recorded_total", "counter", (), "calls that were answered without a record"),
)


def _of_events() -> tuple[Family, ...]:
    """The counters that are made from the events of the log."""
    counted = [event for event in EVENTS.values() if event.level in COUNTED_LEVELS]
    own = [event for event in counted if event.counter != EVENTS_COUNTER]
    others = "warnings and errors of the log that have no counter of their own, with those that are left out"
    return (
        *(
            Family(event.counter, "counter", event.labels, f"`{event.name}` of the log: {event.meaning}")
            for event in own
        ),
        Family(EVENTS_COUNTER, "counter", ("event",), others),
    )


FAMILIES = {family.name: family for family in (*_MEASURED, *_of_events())}
"""By their names."""
