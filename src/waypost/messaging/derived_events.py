"""The lines of a timeline that other rows show: they are not stored, but made when a message is looked at.

An attempt has when it started, by which route, and that and when it was accepted; a leg that has arrived
ended with the first line that says so. Where such a line is stored nevertheless (it has more to say, or is of
an earlier version), that one stands.
"""

from collections.abc import Sequence

from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegState
from waypost.model.message.transition import shows_its_end
from waypost.storage.records import Event

ACCEPTED_IS_DELIVERED = "accepted counts as delivered: this provider sends no receipts"
"""The line of a leg whose provider sends no receipts."""

_ARRIVALS = {
    ("receipt", "receipt: delivered"): LegState.DELIVERED,
    ("receipt", "receipt: read"): LegState.READ,
    ("note", ACCEPTED_IS_DELIVERED): LegState.DELIVERED,
}
_RESULTS = {AttemptOutcome.REFUSED: "refused", AttemptOutcome.UNKNOWN: "unknown"}


def attempt_line(number: int, route: str) -> str:
    """The line of an attempt."""
    return f"attempt {number}, by {route}"


def with_derived(stored: Sequence[Event], legs: Sequence[Leg], attempts: Sequence[Attempt]) -> list[Event]:
    """The lines that are stored and the others, in the order in which they happened.

    Args:
        stored: in the order of writing.
        attempts: of all legs, oldest first.
    """
    lines = list(stored)
    for leg in legs:
        place = 0
        for attempt in attempts:
            if attempt.leg == leg.leg:
                place = _put_attempt(lines, attempt, place)
        if shows_its_end(leg):
            _put_end(lines, leg)
    return lines


def _put_attempt(lines: list[Event], attempt: Attempt, place: int) -> int:
    """Puts the lines of an attempt; returns the place behind its last line.

    Args:
        place: the place behind the last line of the attempt before.
    """
    message_id, leg, number = attempt.message_id, attempt.leg, attempt.attempt
    line = attempt_line(number, attempt.route)
    place = _put(lines, Event(message_id, leg, attempt.started_at, "attempt", line), place, line)
    if attempt.outcome is AttemptOutcome.ACCEPTED and attempt.ended_at is not None:
        line = f"the provider accepted attempt {number}"
        text = f"{line} as {attempt.provider_id}" if attempt.provider_id else line
        return _put(lines, Event(message_id, leg, attempt.ended_at, "accepted", text), place, line)
    result = _RESULTS.get(attempt.outcome)
    for found in range(place, len(lines)):
        if (lines[found].leg, lines[found].kind) == (leg, result):
            return found + 1
    return place


def _put(lines: list[Event], line: Event, place: int, begins: str) -> int:
    """Puts a line at a place or behind it, unless it is stored; returns the place behind it.

    Args:
        begins: what the stored line begins with, or is.
    """
    for number, other in enumerate(lines):
        is_of_kind = (other.leg, other.at, other.kind) == (line.leg, line.at, line.kind)
        # The text of a line is gone with the content of its message.
        if is_of_kind and (other.text in ("", begins) or other.text.startswith((f"{begins},", f"{begins} "))):
            return number + 1
    while place < len(lines) and _precedes(lines[place], line):
        place += 1
    lines.insert(place, line)
    return place + 1


def _precedes(other: Event, line: Event) -> bool:
    """Whether a stored line comes before one that is put: at the same moment, what led to an attempt does."""
    if other.at != line.at:
        return other.at < line.at
    led_to = other.leg == line.leg and line.kind == "attempt" and other.kind in ("note", "fallback")
    return other.leg < line.leg or led_to


def _put_end(lines: list[Event], leg: Leg) -> None:
    """Puts the line of the end of a leg that has arrived, behind that of its arrival and the notes on it."""
    of_leg = [number for number, line in enumerate(lines) if line.leg == leg.leg]
    if any(lines[number].kind == "end" for number in of_leg):
        return
    place, at, state = len(lines), leg.updated_at, leg.state
    for number in of_leg:
        arrived = _ARRIVALS.get((lines[number].kind, lines[number].text.partition(" (")[0]))
        if arrived is not None:
            place, at, state = number + 1, lines[number].at, arrived
            break
    while place < len(lines) and lines[place].kind == "note" and lines[place].at == at:
        place += 1
    lines.insert(place, Event(leg.message_id, leg.leg, at, "end", f"leg {leg.leg} ended: {state.value}"))
