"""Where the time of a message went: rows of stretches and moments, as a waterfall shows them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from waypost.messaging.history import LegHistory, MessageHistory
from waypost.storage.records import Callback

_REPORTS = ("receipt", "end")


class Stretch(NamedTuple):
    """A stretch of time in a row, or a moment if it ends where it starts.

    Attributes:
        start, end: thousandths of the width of the waterfall.
        kind: `wait` (in its lane), `provider`, `receipt`, `timer` (still to come) or `callback`.
        title: what it is, in words.
        ms: how long it is in milliseconds; None for a moment.
    """

    start: int
    end: int
    kind: str
    title: str
    ms: int | None


class Row(NamedTuple):
    """A leg's attempt, the callbacks, or what is still to come.

    Attributes:
        label: what it is, for a reader.
        outcome: what came of it; empty for none.
        at: when its first stretch starts, milliseconds UTC.
    """

    label: str
    outcome: str
    at: int
    stretches: Sequence[Stretch]


class Waterfall(NamedTuple):
    """The rows, and the time that they span, milliseconds UTC."""

    start: int
    end: int
    rows: Sequence[Row]


class _Scale(NamedTuple):
    start: int
    end: int

    def stretch(self, start: int, end: int, kind: str, title: str) -> Stretch:
        return Stretch(self._at(start), self._at(end), kind, title, end - start if end != start else None)

    def _at(self, moment: int) -> int:
        length = max(1, self.end - self.start)
        return max(0, min(1000, round(1000 * (moment - self.start) / length)))


def waterfall(history: MessageHistory, now: int) -> Waterfall:
    """The waterfall of a message.

    Args:
        now: milliseconds UTC; what is under way has lasted until then.
    """
    start = history.message.accepted_at
    # A time to live that runs on after the message has arrived would press all else together.
    has_ended = history.state.delivered or history.state.ended
    dues = [] if has_ended else [timer.due for timer in history.timers[:1]]
    scale = _Scale(start, max([start + 1, *_moments(history, now), *dues]))
    rows = [row for leg in history.legs for row in _attempt_rows(leg, history, scale, now)]
    if history.callbacks:
        rows.append(_callback_row_of(history.callbacks, scale))
    rows += [
        Row(
            f"{timer.kind.value} of leg {timer.leg}",
            "still to come",
            now,
            [scale.stretch(min(now, timer.due), timer.due, "timer", "until it is due")],
        )
        for timer in history.timers
    ]
    return Waterfall(scale.start, scale.end, rows)


def _moments(history: MessageHistory, now: int) -> Iterator[int]:
    """When something was, the present only if something is under way."""
    yield from (event.at for event in history.timeline)
    for leg in history.legs:
        if not leg.leg.state.ended and not leg.leg.state.delivered:
            yield now
        yield from (attempt.ended_at or now for attempt in leg.attempts)
    yield from (callback.ended_at or callback.created_at for callback in history.callbacks)


def _attempt_rows(leg: LegHistory, history: MessageHistory, scale: _Scale, now: int) -> Iterator[Row]:
    label = f"leg {leg.leg.leg} {leg.leg.channel}"
    if not leg.attempts:
        end = leg.leg.updated_at if leg.leg.state.ended else now
        waits = scale.stretch(leg.leg.started_at, end, "wait", "in its lane")
        yield Row(label, leg.leg.state.value, leg.leg.started_at, [waits])
    ready = leg.leg.started_at
    for attempt in leg.attempts:
        ended = attempt.ended_at or now
        stretches = [
            scale.stretch(ready, attempt.started_at, "wait", "in its lane"),
            scale.stretch(attempt.started_at, ended, "provider", f"at the provider, by {attempt.route}"),
        ]
        if attempt is leg.attempts[-1]:
            stretches += _receipts(leg, history, scale, ended)
        outcome = attempt.outcome.value.replace("_", " ") + (f", {attempt.code}" if attempt.code else "")
        yield Row(f"{label}, attempt {attempt.attempt}", outcome, attempt.started_at, stretches)
        ready = ended


def _receipts(leg: LegHistory, history: MessageHistory, scale: _Scale, since: int) -> Iterator[Stretch]:
    for event in history.timeline:
        if event.leg == leg.leg.leg and event.kind in _REPORTS and event.at >= since:
            yield scale.stretch(since, event.at, "receipt", event.text)
            since = event.at


def _callback_row_of(callbacks: Sequence[Callback], scale: _Scale) -> Row:
    stretches = [
        scale.stretch(one.created_at, one.ended_at or one.created_at, "callback", one.state.value)
        for one in callbacks
    ]
    return Row("callbacks", f"{len(callbacks)}", callbacks[0].created_at, stretches)
