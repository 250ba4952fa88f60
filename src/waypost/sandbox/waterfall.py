"""Where the time of a message went: rows of stretches and moments, as a waterfall shows them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from waypost.messaging.history import LegHistory, MessageHistory
from waypost.storage.records import Callback

# What a leg waits for, by the kinds of events, and the kind of the stretch until it is there.
_WAITED_FOR = {"receipt": "receipt", "end": "receipt", "timer": "timer"}


class Stretch(NamedTuple):
    """A stretch of time in a row, or a moment if it ends where it starts.

    Attributes:
        start, end: thousandths of the width of the waterfall.
        kind: `wait` (in its lane), `provider`, `receipt`, `timer` or `callback`.
        title: what it is, in English words.
        ms: how long it is in milliseconds; None for a moment.
    """

    start: int
    end: int
    kind: str
    title: str
    ms: int | None


class Row(NamedTuple):
    """An attempt, a leg without one, the callbacks, or a timer that is still to come.

    Attributes:
        kind: `attempt`, `leg`, `callbacks`, `fallback` or `expiry`.
        stretches: what is drawn, in the order of time.
        leg, channel, attempt: which leg and which attempt of it; -1, empty and 0 for none.
        outcome: what came of it; empty for none.
        callbacks: how many there are.
    """

    kind: str
    stretches: Sequence[Stretch]
    leg: int = -1
    channel: str = ""
    attempt: int = 0
    outcome: str = ""
    callbacks: int = 0


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
    timers = () if has_ended else history.timers
    scale = _Scale(start, max([start + 1, *_moments(history, now), *(timer.due for timer in timers[:1])]))
    rows = [row for leg in history.legs for row in _attempt_rows(leg, history, scale, now)]
    if history.callbacks:
        rows.append(_callbacks_row(history.callbacks, scale))
    for timer in timers:
        until_due = scale.stretch(min(now, timer.due), timer.due, "timer", "until it is due")
        rows.append(Row(timer.kind.value, [until_due], timer.leg))
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
    number, channel, ready = leg.leg.leg, leg.leg.channel, leg.leg.started_at
    if not leg.attempts:
        end = leg.leg.updated_at if leg.leg.state.ended else now
        waits = scale.stretch(ready, end, "wait", "in its lane")
        yield Row("leg", [waits], number, channel, outcome=leg.leg.state.value)
    for attempt in leg.attempts:
        ended = attempt.ended_at or now
        stretches = [
            scale.stretch(ready, attempt.started_at, "wait", "in its lane"),
            scale.stretch(attempt.started_at, ended, "provider", "at the provider"),
        ]
        if attempt is leg.attempts[-1]:
            stretches += _after_answer(leg, history, scale, ended)
        outcome = attempt.outcome.value.replace("_", " ") + (f", {attempt.code}" if attempt.code else "")
        yield Row("attempt", stretches, number, channel, attempt.attempt, outcome)
        ready = ended


def _after_answer(leg: LegHistory, history: MessageHistory, scale: _Scale, since: int) -> Iterator[Stretch]:
    """What a leg waited for after the provider's last answer."""
    for event in history.timeline:
        if event.leg == leg.leg.leg and event.kind in _WAITED_FOR and event.at > since:
            yield scale.stretch(since, event.at, _WAITED_FOR[event.kind], event.text)
            since = event.at


def _callbacks_row(callbacks: Sequence[Callback], scale: _Scale) -> Row:
    stretches = [
        scale.stretch(one.created_at, one.ended_at or one.created_at, "callback", one.state.value)
        for one in callbacks
    ]
    return Row("callbacks", stretches, callbacks=len(callbacks))
