"""The waterfall of a message: what is drawn, in which order, and to which scale."""

from typing import Any

from tests.model.messages import message
from waypost.messaging.history import LegHistory, MessageHistory, PendingTimer
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegState
from waypost.model.message.work import TimerKind
from waypost.sandbox.waterfall import Stretch, Waterfall, waterfall
from waypost.storage.records import Callback, CallbackState, Event

MESSAGE = message(accepted_at=1000)
ID = MESSAGE.message_id


def leg(number: int, state: LegState, *attempts: Attempt, started_at: int = 1000) -> LegHistory:
    return LegHistory(
        Leg(
            message_id=ID,
            leg=number,
            channel="viber",
            state=state,
            started_at=started_at,
            updated_at=started_at,
            sender="20001",
            recipient="49",
            route="r",
        ),
        attempts,
    )


def attempt(number: int, started_at: int, ended_at: int | None, outcome: AttemptOutcome) -> Attempt:
    return Attempt(
        message_id=ID,
        leg=0,
        attempt=number,
        number=number,
        route="r",
        sender="20001",
        recipient="49",
        started_at=started_at,
        ended_at=ended_at,
        outcome=outcome,
    )


def drawn(legs: list[LegHistory], now: int, **more: Any) -> Waterfall:
    parts: dict[str, Any] = {"timeline": (), "timers": (), "callbacks": ()} | more
    return waterfall(MessageHistory(MESSAGE, tuple(legs), **parts), now)


def test_the_time_in_the_lane_at_the_provider_and_until_each_receipt() -> None:
    events = (
        Event(ID, 0, 1000, "accepted", "the call was accepted"),
        Event(ID, 0, 1600, "receipt", "receipt: delivered"),
        Event(ID, 0, 2000, "receipt", "receipt: read"),
    )
    accepted = attempt(1, 1100, 1300, AttemptOutcome.ACCEPTED)
    shown = drawn([leg(0, LegState.READ, accepted)], 90_000, timeline=events)
    assert (shown.start, shown.end) == (1000, 2000)
    assert [(row.kind, row.leg, row.attempt, row.outcome) for row in shown.rows] == [
        ("attempt", 0, 1, "accepted")
    ]
    assert shown.rows[0].stretches == [
        Stretch(0, 100, "wait", "in its lane", 100),
        Stretch(100, 300, "provider", "at the provider", 200),
        Stretch(300, 600, "receipt", "receipt: delivered", 300),
        Stretch(600, 1000, "receipt", "receipt: read", 400),
    ]


def test_an_attempt_under_way_lasts_until_now() -> None:
    under_way = attempt(1, 1000, None, AttemptOutcome.UNDER_WAY)
    shown = drawn([leg(0, LegState.SUBMITTING, under_way)], 3000)
    assert shown.rows[0].stretches[1] == Stretch(0, 1000, "provider", "at the provider", 2000)
    assert shown.rows[0].outcome == "under way"


def test_an_attempt_waits_from_the_end_of_the_one_before() -> None:
    attempts = [
        attempt(1, 1000, 1200, AttemptOutcome.REFUSED),
        attempt(2, 1800, 2000, AttemptOutcome.ACCEPTED),
    ]
    rows = drawn([leg(0, LegState.SENT, *attempts)], 2000).rows
    assert [row.attempt for row in rows] == [1, 2]
    assert rows[1].stretches[0] == Stretch(200, 800, "wait", "in its lane", 600)


def test_a_leg_without_an_attempt_waits() -> None:
    rows = drawn([leg(0, LegState.QUEUED)], 1500).rows
    assert rows[0].kind == "leg"
    assert rows[0].stretches == [Stretch(0, 1000, "wait", "in its lane", 500)]


def test_the_earliest_timer_ends_the_scale_while_it_is_waited_for() -> None:
    timers = (PendingTimer(TimerKind.FALLBACK, 0, 5000), PendingTimer(TimerKind.EXPIRY, 0, 9_000_000))
    sent = attempt(1, 1000, 1000, AttemptOutcome.ACCEPTED)
    shown = drawn([leg(0, LegState.SENT, sent)], 3000, timers=timers)
    assert shown.end == 5000
    assert [row.kind for row in shown.rows] == ["attempt", "fallback", "expiry"]
    assert shown.rows[1].stretches == [Stretch(500, 1000, "timer", "until it is due", 2000)]
    arrived = drawn([leg(0, LegState.DELIVERED, sent)], 3000, timers=timers)
    assert [row.kind for row in arrived.rows] == ["attempt"]


def test_a_timer_that_fired_is_what_was_waited_for() -> None:
    events = (Event(ID, 0, 3000, "timer", "the time of leg 0 has passed"),)
    sent = attempt(1, 1000, 1000, AttemptOutcome.ACCEPTED)
    shown = drawn([leg(0, LegState.SENT, sent)], 3000, timeline=events)
    assert shown.rows[0].stretches[-1] == Stretch(0, 1000, "timer", "the time of leg 0 has passed", 2000)


def test_the_callbacks_share_a_row() -> None:
    pushed = Callback(
        message_id=ID,
        account_id=MESSAGE.account_id,
        kind="ChatAppStatus",
        url="",
        body="{}",
        state=CallbackState.STORED,
        created_at=1500,
    )
    last = drawn([leg(0, LegState.QUEUED)], 2000, callbacks=(pushed, pushed)).rows[-1]
    assert (last.kind, last.callbacks) == ("callbacks", 2)
    assert last.stretches[0] == Stretch(500, 500, "callback", "stored", None)
