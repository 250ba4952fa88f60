"""The transition of a leg by an event, with all that follows from it, as a value that delivery applies."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from waypost.model.channels import channel_named
from waypost.model.fallback.decision import settled
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Leg, LegEvent, LegState, after
from waypost.model.message.message import Message
from waypost.model.message.statuses import statuses_to_publish

_LEFT = (LegState.SUBMITTING, LegState.IN_DOUBT, LegState.SENT)


class Note(NamedTuple):
    """A line of the timeline.

    Attributes:
        kind: as `storage.records.Event` has it.
    """

    kind: str
    text: str


class LegChange(NamedTuple):
    """A leg after an event, with the consequences.

    Attributes:
        leg: the leg as it is now.
        statuses: to publish to the customer, in this order.
        notes: for the timeline, in this order.
        opted_out: whether the person blocked the sender and gets no promotions from now on.
        closes: whether the message needs no more timers.
        single: other legs, which seemed to be a second copy and are the only one now.
    """

    leg: Leg
    statuses: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    opted_out: bool = False
    closes: bool = False
    single: tuple[Leg, ...] = ()


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
    state = after(leg.state, event)
    changed = msgspec.structs.replace(
        leg,
        state=state,
        updated_at=leg.updated_at if state is leg.state else now,
        **_reason(leg, state, failure, code, text),
    )
    arrived = state.delivered and not leg.state.delivered
    notes: list[Note] = []
    if arrived and _got_twice(changed, legs):
        changed.double_delivery = True
        notes.append(Note("note", "double delivery: the person got this after another leg had left"))
    after_event = [changed if each.leg == leg.leg else each for each in legs]
    single = tuple(
        msgspec.structs.replace(each, double_delivery=False)
        for each in after_event
        if each.double_delivery and each.leg != leg.leg and not _got_twice(each, after_event)
    )
    if state.ended and not leg.state.ended and not shows_its_end(changed):
        notes.append(Note("end", f"leg {leg.leg} ended: {state.value}"))
    return LegChange(
        changed,
        statuses_to_publish(leg.state, state),
        tuple(notes),
        opted_out=state is LegState.FAILED and failure is SendFailure.OPTED_OUT and leg.attempts > 0,
        closes=state is not leg.state and state.ended and _closes(message, after_event),
        single=single,
    )


def shows_its_end(leg: Leg) -> bool:
    """Whether a leg has arrived where the line of its arrival is that of its end, too; not where each part of
    a message has a receipt of its own."""
    return leg.state.delivered and not channel_named(leg.channel).segmented


def _reason(
    leg: Leg, state: LegState, failure: SendFailure | None, code: str, text: str
) -> dict[str, SendFailure | str | None]:
    """The members of the leg that hold its failure: the first failure stays, and a delivery removes it."""
    if state.delivered:
        return {"failure": None, "code": "", "text": ""}
    if failure is None or state not in (LegState.FAILED, LegState.EXPIRED) or leg.code:
        return {}
    return {
        "failure": failure,
        "code": code or failure.facts.wire_code,
        "text": text or failure.facts.customer_text,
    }


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


def _closes(message: Message, legs: Sequence[Leg]) -> bool:
    states = [leg.state for leg in legs]
    if not all(state.ended for state in states):
        return False
    if legs[-1].failure is SendFailure.CANCELLED:
        return True
    steps = len(message.fallback.steps) if message.fallback is not None else 0
    return len(legs) > steps or settled(message, states)
