"""The transition of a leg by an event, with all that follows from it, as a value that delivery applies."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from waypost.model.channels import channel_named
from waypost.model.fallback.decision import settled
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Leg, LegEvent, LegState, after
from waypost.model.message.message import Message
from waypost.model.message.statuses import statuses_to_publish

_ARRIVED = (LegState.DELIVERED, LegState.READ)
_LEFT = (LegState.SUBMITTING, LegState.IN_DOUBT, LegState.SENT)


class Note(NamedTuple):
    """A line of the timeline.

    Attributes:
        kind: as `storage.records.Event` has it.
    """

    kind: str
    text: str


_DOUBLE_DELIVERY = Note("note", "double delivery: the person got this after another leg had left")


class LegChange(msgspec.Struct, frozen=True):
    """A leg after an event, with the consequences.

    Attributes:
        leg: the leg as it is now.
        statuses: to publish to the customer, in this order.
        notes: for the timeline, in this order.
        opted_out: whether the person blocked the sender and gets no promotions from now on.
        closes: whether from now on the message needs no more timers.
        single: other legs, which seemed to be a second copy and are the only one now.
    """

    leg: Leg
    statuses: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    opted_out: bool = False
    closes: bool = False
    single: tuple[Leg, ...] = ()


class _Step(msgspec.Struct, frozen=True):
    """What an event comes to in a state, whatever the message.

    Attributes:
        state: the state after it.
        moves: whether that is another one.
        arrives: whether it is delivered that was not.
        ends: whether it has ended that had not.
        may_close: whether it has moved to an end, which may be the last that the message waits for.
        statuses: to publish.
    """

    state: LegState
    moves: bool
    arrives: bool
    ends: bool
    may_close: bool
    statuses: tuple[str, ...]


def _step(before: LegState, state: LegState) -> _Step:
    return _Step(
        state,
        state is not before,
        state.delivered and not before.delivered,
        state.ended and not before.ended,
        state.ended and state is not before,
        statuses_to_publish(before, state),
    )


_STEPS = {event: {state: _step(state, after(state, event)) for state in LegState} for event in LegEvent}


def transition(
    message: Message,
    legs: Sequence[Leg],
    leg: Leg,
    event: LegEvent,
    now: int,
    *,
    failure: SendFailure | None = None,
    code: str = "",
    text: str = "",
) -> LegChange:
    """The leg after an event, with what follows from it. The arguments are not changed.

    Args:
        legs: all legs of the message before the event, leg 0 first.
        leg: the leg of the event, with its attempts counted.
        now: milliseconds UTC.
        failure, code, text: the reason, if it failed; code and text default to those of the failure.
    """
    step = _STEPS[event][leg.state]
    state = step.state
    changed = replace(leg, state=state, updated_at=now if step.moves else leg.updated_at)
    if state in _ARRIVED:
        changed.failure, changed.code, changed.text = None, "", ""
    elif failure is not None:
        _put_reason(changed, failure, code, text)
    notes: tuple[Note, ...] = ()
    single: tuple[Leg, ...] = ()
    after_event: Sequence[Leg] = (changed,)
    if len(legs) > 1:
        if step.arrives and _got_twice(changed, legs):
            changed.double_delivery = True
            notes = (_DOUBLE_DELIVERY,)
        after_event = [changed if each.leg == leg.leg else each for each in legs]
        single = _single_after_all(changed, after_event)
    if step.ends and not shows_its_end(changed):
        notes = (*notes, Note("end", f"leg {leg.leg} ended: {state.value}"))
    return LegChange(
        changed,
        step.statuses,
        notes,
        failure is SendFailure.OPTED_OUT and state is LegState.FAILED and leg.attempts > 0,
        step.may_close and not _is_closed(message, legs) and _is_closed(message, after_event),
        single,
    )


def shows_its_end(leg: Leg) -> bool:
    """Whether a leg has arrived where the line of its arrival is that of its end, too; not where each part of
    a message has a receipt of its own."""
    return leg.state.delivered and not channel_named(leg.channel).segmented


def _put_reason(leg: Leg, failure: SendFailure, code: str, text: str) -> None:
    """Puts the failure into a leg that failed; the first one stays."""
    if leg.state in (LegState.FAILED, LegState.EXPIRED) and not leg.code:
        leg.failure = failure
        leg.code = code or failure.facts.wire_code
        leg.text = text or failure.facts.customer_text


def _single_after_all(changed: Leg, legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """The other legs, which seemed to be a second copy and are the only one after a change of this one."""
    return tuple(
        replace(each, double_delivery=False)
        for each in legs
        if each.double_delivery and each.leg != changed.leg and not _got_twice(each, legs)
    )


def _got_twice(leg: Leg, legs: Sequence[Leg]) -> bool:
    """Whether the recipient has or may have two copies: another leg was delivered, or a later one sent."""
    return any(
        other.state.delivered or (other.leg > leg.leg and might_have_arrived(other))
        for other in legs
        if other.leg != leg.leg
    )


def might_have_arrived(leg: Leg) -> bool:
    """Whether a leg was sent and is not known to have failed."""
    return leg.state in _LEFT or leg.failure is SendFailure.NO_RECEIPT


def _is_closed(message: Message, legs: Sequence[Leg]) -> bool:
    """Whether a message with these legs needs no timers."""
    for leg in legs:
        if not leg.state.ended:
            return False
    steps = len(message.fallback.steps) if message.fallback is not None else 0
    if len(legs) > steps or legs[-1].failure is SendFailure.CANCELLED:
        return True
    return settled(message, [leg.state for leg in legs])
