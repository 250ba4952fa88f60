"""The transition of a leg on an event, as one returned value, by a table."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.messages import SMS, fallback, message
from waypost.model.fallback.chain import StepCondition
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Leg, LegEvent, LegState, after
from waypost.model.message.statuses import statuses_to_publish
from waypost.model.message.transition import LegChange, Note, might_have_arrived, transition

NOW = 5_000
BEFORE = 1_000


def leg(number: int = 0, state: LegState = LegState.SENT, **changes: Any) -> Leg:
    one = Leg(
        message_id=MessageId("2027011508000000000001000"),
        leg=number,
        channel="sms" if number else "viber",
        sender="20001",
        recipient="380501112233",
        route="r",
        state=state,
        attempts=1,
        started_at=BEFORE,
        updated_at=BEFORE,
    )
    return msgspec.structs.replace(one, **changes)


def change(event: LegEvent, *legs: Leg, about: int = 0, **reason: Any) -> LegChange:
    """The change of one leg of a message with one fallback step."""
    return transition(message(fallback=fallback(120)), legs, legs[about], event, NOW, **reason)


@pytest.mark.parametrize(
    ("event", "state", "after_it", "statuses", "notes"),
    [
        (LegEvent.ATTEMPT_STARTED, LegState.QUEUED, LegState.SUBMITTING, (), ()),
        (LegEvent.ACCEPTED, LegState.SUBMITTING, LegState.SENT, ("Sent",), ()),
        (LegEvent.REFUSED_FOR_NOW, LegState.SUBMITTING, LegState.QUEUED, (), ()),
        (LegEvent.REFUSED, LegState.SUBMITTING, LegState.FAILED, ("Failed",), ("leg 0 ended: failed",)),
        (LegEvent.NO_ANSWER, LegState.SUBMITTING, LegState.IN_DOUBT, (), ()),
        (LegEvent.ABANDONED, LegState.QUEUED, LegState.FAILED, ("Failed",), ("leg 0 ended: failed",)),
        (LegEvent.SILENCE, LegState.SENT, LegState.EXPIRED, ("Failed",), ("leg 0 ended: expired",)),
        (
            LegEvent.RECEIPT_DELIVERED,
            LegState.SUBMITTING,
            LegState.DELIVERED,
            ("Sent", "Delivered"),
            (),
        ),
        (LegEvent.RECEIPT_READ, LegState.SENT, LegState.READ, ("Delivered", "Read"), ()),
        (LegEvent.RECEIPT_READ, LegState.DELIVERED, LegState.READ, ("Read",), ()),
        (LegEvent.RECEIPT_DELIVERED, LegState.READ, LegState.READ, (), ()),
    ],
)
def test_the_state_the_statuses_and_the_notes(
    event: LegEvent,
    state: LegState,
    after_it: LegState,
    statuses: tuple[str, ...],
    notes: tuple[str, ...],
) -> None:
    made = change(event, leg(state=state))
    assert (made.leg.state, made.statuses) == (after_it, statuses)
    assert made.notes == tuple(Note("end", text) for text in notes)
    assert made.leg.updated_at == (BEFORE if after_it is state else NOW)


def test_an_arrival_shows_the_end_of_a_leg_but_not_that_of_an_sms_whose_parts_arrive_one_by_one() -> None:
    made = change(LegEvent.RECEIPT_DELIVERED, leg(state=LegState.FAILED), leg(1), about=1)
    assert made.notes == (Note("end", "leg 1 ended: delivered"),)


@pytest.mark.parametrize(
    ("state", "event", "known", "reason", "expected"),
    [
        (LegState.SUBMITTING, LegEvent.REFUSED, {}, {"code": "9", "text": "no user"}, ("9", "no user")),
        (
            LegState.SUBMITTING,
            LegEvent.REFUSED,
            {},
            {},
            (SendFailure.NOT_ON_CHANNEL.facts.wire_code, SendFailure.NOT_ON_CHANNEL.facts.customer_text),
        ),
        (
            LegState.EXPIRED,
            LegEvent.RECEIPT_FAILED,
            {"code": "first", "text": "stays"},
            {"code": "9", "text": "later"},
            ("first", "stays"),
        ),
        (LegState.SUBMITTING, LegEvent.NO_ANSWER, {}, {"code": "9", "text": "no failure yet"}, ("", "")),
        (LegState.FAILED, LegEvent.RECEIPT_DELIVERED, {"code": "9", "text": "no user"}, {}, ("", "")),
    ],
    ids=["the provider's", "the failure's own", "the first stays", "not failed", "arrived after all"],
)
def test_the_reason_of_a_failure(
    state: LegState,
    event: LegEvent,
    known: dict[str, Any],
    reason: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    made = change(event, leg(state=state, **known), failure=SendFailure.NOT_ON_CHANNEL, **reason)
    assert (made.leg.code, made.leg.text) == expected
    assert (made.leg.failure is None) is (not expected[0] or "first" in expected)


@pytest.mark.parametrize(
    ("failure", "attempts", "opted_out"),
    [
        (SendFailure.OPTED_OUT, 1, True),
        (SendFailure.OPTED_OUT, 0, False),
        (SendFailure.NOT_ON_CHANNEL, 1, False),
    ],
    ids=["reported by the provider", "known before the request", "another failure"],
)
def test_only_a_providers_word_is_an_opt_out(failure: SendFailure, attempts: int, opted_out: bool) -> None:
    made = change(LegEvent.REFUSED, leg(state=LegState.SUBMITTING, attempts=attempts), failure=failure)
    assert made.opted_out is opted_out


@pytest.mark.parametrize(
    ("about", "other", "twice"),
    [
        (0, LegState.QUEUED, False),
        (0, LegState.SUBMITTING, True),
        (0, LegState.IN_DOUBT, True),
        (0, LegState.SENT, True),
        (0, LegState.FAILED, False),
        (0, LegState.DELIVERED, True),
        (0, LegState.READ, True),
        (1, LegState.SENT, False),
        (1, LegState.FAILED, False),
        (1, LegState.DELIVERED, True),
    ],
)
def test_a_person_got_it_twice_if_another_copy_is_known_or_a_later_one_left(
    about: int, other: LegState, twice: bool
) -> None:
    legs = [leg(0), leg(1)]
    legs[1 - about].state = other
    made = change(LegEvent.RECEIPT_DELIVERED, *legs, about=about)
    assert made.leg.double_delivery is twice
    assert [note.text for note in made.notes if "double" in note.text] == (
        ["double delivery: the person got this after another leg had left"] if twice else []
    )


def test_a_leg_that_ended_in_silence_may_have_arrived() -> None:
    silent = leg(1, LegState.EXPIRED, failure=SendFailure.NO_RECEIPT)
    assert might_have_arrived(silent)
    assert not might_have_arrived(leg(1, LegState.EXPIRED, failure=SendFailure.EXPIRED))
    assert change(LegEvent.RECEIPT_DELIVERED, leg(0), silent).leg.double_delivery


@pytest.mark.parametrize(
    ("legs", "event", "about", "closes"),
    [
        ([LegState.SENT], LegEvent.RECEIPT_DELIVERED, 0, True),
        ([LegState.SENT], LegEvent.RECEIPT_FAILED, 0, False),
        ([LegState.FAILED, LegState.SENT], LegEvent.RECEIPT_FAILED, 1, True),
        ([LegState.FAILED, LegState.SENT], LegEvent.RECEIPT_DELIVERED, 0, False),
        ([LegState.SENT, LegState.SENT], LegEvent.RECEIPT_DELIVERED, 1, False),
        ([LegState.SUBMITTING], LegEvent.ACCEPTED, 0, False),
        ([LegState.DELIVERED], LegEvent.RECEIPT_READ, 0, False),
    ],
    ids=[
        "delivered",
        "failed, and a step is left",
        "failed, and none is left",
        "the first arrived, the second is still out",
        "the second arrived, the first is still out",
        "only sent",
        "read, and the timers are gone since it was delivered",
    ],
)
def test_the_timers_go_when_nothing_is_left_to_wait_for(
    legs: list[LegState], event: LegEvent, about: int, closes: bool
) -> None:
    made = change(event, *(leg(number, state) for number, state in enumerate(legs)), about=about)
    assert made.closes is closes


def test_a_step_that_waits_for_the_reading_keeps_its_timer_until_then() -> None:
    unread = msgspec.structs.replace(SMS, condition=StepCondition.UNREAD)
    waiting = message(fallback=msgspec.structs.replace(fallback(120), steps=(unread,)))
    delivered = transition(waiting, [leg()], leg(), LegEvent.RECEIPT_DELIVERED, NOW)
    assert not delivered.closes
    assert transition(waiting, [delivered.leg], delivered.leg, LegEvent.RECEIPT_READ, NOW).closes


def test_without_a_fallback_one_ended_leg_closes_the_message() -> None:
    assert transition(message(), [leg()], leg(), LegEvent.RECEIPT_FAILED, NOW).closes


@given(
    states=st.lists(st.sampled_from(LegState), min_size=1, max_size=3),
    event=st.sampled_from(LegEvent),
    data=st.data(),
)
def test_it_is_total_and_does_not_change_its_arguments(
    states: list[LegState], event: LegEvent, data: st.DataObject
) -> None:
    legs = [leg(number, state) for number, state in enumerate(states)]
    about = data.draw(st.sampled_from(legs))
    copies = [msgspec.structs.replace(one) for one in legs]
    made = transition(message(fallback=fallback(60)), legs, about, event, NOW)
    assert legs == copies
    assert made.leg.state is after(about.state, event)
    assert made.statuses == statuses_to_publish(about.state, made.leg.state)
    assert transition(message(fallback=fallback(60)), legs, about, event, NOW) == made
