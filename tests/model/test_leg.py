"""The state machine of a leg: a total table, whose final state does not depend on the order of receipts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.message.leg import LegEvent, LegState, after

RECEIPTS = (
    LegEvent.RECEIPT_SENT,
    LegEvent.RECEIPT_EXPIRED,
    LegEvent.RECEIPT_FAILED,
    LegEvent.RECEIPT_DELIVERED,
    LegEvent.RECEIPT_READ,
)
BEST_LAST = (
    LegState.SENT,
    LegState.EXPIRED,
    LegState.FAILED,
    LegState.DELIVERED,
    LegState.READ,
)
STATE_AFTER = dict(zip(RECEIPTS, BEST_LAST, strict=True))
ENDED = (LegState.EXPIRED, LegState.FAILED, LegState.DELIVERED, LegState.READ)

events = st.sampled_from(LegEvent)
states = st.sampled_from(LegState)


def run(state: LegState, history: list[LegEvent]) -> LegState:
    for event in history:
        state = after(state, event)
    return state


@pytest.mark.parametrize("event", LegEvent)
@pytest.mark.parametrize("state", LegState)
def test_every_event_is_accepted_in_every_state(state: LegState, event: LegEvent) -> None:
    assert after(state, event) in LegState


@pytest.mark.parametrize("state", LegState)
def test_a_leg_has_ended_in_these_four_states_only(state: LegState) -> None:
    assert state.ended is (state in ENDED)
    assert state.delivered is (state in (LegState.DELIVERED, LegState.READ))


@given(st.lists(st.sampled_from(RECEIPTS), min_size=1), st.data())
def test_receipts_in_any_order_and_number_end_in_the_best_of_them(
    receipts: list[LegEvent], data: st.DataObject
) -> None:
    best = max((STATE_AFTER[receipt] for receipt in receipts), key=BEST_LAST.index)
    order = data.draw(st.permutations(receipts + data.draw(st.lists(st.sampled_from(receipts)))))
    where_the_answer_came = data.draw(st.integers(0, len(order)))
    order.insert(where_the_answer_came, LegEvent.ACCEPTED)
    assert run(LegState.SUBMITTING, order) is best


@given(states, st.lists(events))
def test_a_leg_that_ended_never_goes_back_to_work(state: LegState, history: list[LegEvent]) -> None:
    ended = False
    for event in history:
        state = after(state, event)
        assert state.ended or not ended
        ended = state.ended


@given(
    st.lists(events), st.lists(events), st.sampled_from([LegEvent.RECEIPT_DELIVERED, LegEvent.RECEIPT_READ])
)
def test_what_reached_the_person_is_never_taken_back(
    before: list[LegEvent], afterwards: list[LegEvent], receipt: LegEvent
) -> None:
    state = run(LegState.QUEUED, [*before, receipt, *afterwards])
    assert state.delivered
    if receipt is LegEvent.RECEIPT_READ:
        assert state is LegState.READ


@pytest.mark.parametrize(
    ("state", "event", "then"),
    [
        (LegState.QUEUED, LegEvent.ATTEMPT_STARTED, LegState.SUBMITTING),
        (LegState.SUBMITTING, LegEvent.ACCEPTED, LegState.SENT),
        (LegState.SUBMITTING, LegEvent.REFUSED_FOR_NOW, LegState.QUEUED),
        (LegState.SUBMITTING, LegEvent.REFUSED, LegState.FAILED),
        (LegState.SUBMITTING, LegEvent.NO_ANSWER, LegState.IN_DOUBT),
        (LegState.IN_DOUBT, LegEvent.ATTEMPT_STARTED, LegState.SUBMITTING),
        (LegState.IN_DOUBT, LegEvent.RECEIPT_DELIVERED, LegState.DELIVERED),
        (LegState.IN_DOUBT, LegEvent.SILENCE, LegState.EXPIRED),
        (LegState.SENT, LegEvent.SILENCE, LegState.EXPIRED),
        (LegState.QUEUED, LegEvent.ABANDONED, LegState.FAILED),
        # The answer of a slow attempt comes when receipts have reported a later state.
        (LegState.DELIVERED, LegEvent.ACCEPTED, LegState.DELIVERED),
        (LegState.DELIVERED, LegEvent.REFUSED, LegState.DELIVERED),
        (LegState.DELIVERED, LegEvent.NO_ANSWER, LegState.DELIVERED),
        (LegState.SENT, LegEvent.NO_ANSWER, LegState.SENT),
        # A message that the provider may have is not given up: it may arrive.
        (LegState.IN_DOUBT, LegEvent.ABANDONED, LegState.IN_DOUBT),
        (LegState.SENT, LegEvent.ABANDONED, LegState.SENT),
        (LegState.SENT, LegEvent.ATTEMPT_STARTED, LegState.SENT),
        (LegState.EXPIRED, LegEvent.ATTEMPT_STARTED, LegState.EXPIRED),
        # Seen on Viber: delivered after expired.
        (LegState.EXPIRED, LegEvent.RECEIPT_DELIVERED, LegState.DELIVERED),
        (LegState.FAILED, LegEvent.RECEIPT_READ, LegState.READ),
        (LegState.FAILED, LegEvent.RECEIPT_EXPIRED, LegState.FAILED),
        (LegState.READ, LegEvent.RECEIPT_DELIVERED, LegState.READ),
    ],
)
def test_transitions_of_a_leg(state: LegState, event: LegEvent, then: LegState) -> None:
    assert after(state, event) is then
