"""Decides whether a step of the fallback starts; delivery carries it out."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from waypost.model.fallback.chain import StepCondition
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.message import Message


class Trigger(Enum):
    """What can start a step, as the timeline names it."""

    TEMPLATE_FAULT = "the template or its variables were not valid"
    SUBMISSION_FAILED = "the provider did not take the message"
    FAILED_RECEIPT = "the provider reported a failure"
    EXPIRED_RECEIPT = "the provider reported that the time to live had passed"
    WAIT_PASSED = "no delivered receipt came in time"
    UNREAD_WAIT_PASSED = "it was not read in time"
    SILENCE = "no receipt came at all"


class FallbackDecision(NamedTuple):
    """Whether the next leg starts, with the reason for the timeline."""

    fires: bool
    why: str


def settled(message: Message, states: Sequence[LegState]) -> bool:
    """Whether a leg has satisfied the chain, so that nothing more is sent.

    A delivered leg is enough, but not where the step after it waits for it to be read.

    Args:
        states: of the legs, leg 0 first.
    """
    return any(_enough(message, leg, state) for leg, state in enumerate(states))


def _enough(message: Message, leg: int, state: LegState) -> bool:
    if message.fallback is None:
        return state.delivered
    return message.fallback.condition_after(leg).satisfied_by(state)


def wait_trigger(message: Message, leg: int) -> Trigger:
    """The trigger for a leg whose wait is over."""
    assert message.fallback is not None
    unread = message.fallback.condition_after(leg) is StepCondition.UNREAD
    return Trigger.UNREAD_WAIT_PASSED if unread else Trigger.WAIT_PASSED


def decide_fallback(
    message: Message,
    leg: int,
    states: Sequence[LegState],
    trigger: Trigger,
    *,
    failure: SendFailure | None = None,
    promotion_after_opt_out: bool,
) -> FallbackDecision:
    """Decides whether the next leg starts after a change of `leg`.

    Args:
        states: of all legs that exist, leg 0 first, after what happened.
        failure: why the leg failed, when it did.
        promotion_after_opt_out: whether a promotion may follow a person who blocked the sender.
    """
    steps = message.fallback.steps if message.fallback is not None else ()
    if leg >= len(steps):
        return FallbackDecision(False, "there is nothing to fall back to")
    if message.redacted:
        # A receipt can come late, when neither the text nor the number is known any more.
        return FallbackDecision(False, "its content was removed")
    if message.cancelled or failure is SendFailure.CANCELLED:
        return FallbackDecision(False, "the message was cancelled")
    if leg + 1 < len(states):
        return FallbackDecision(False, "the fallback has already fired")
    if settled(message, states):
        known = "read" if LegState.READ in states else "delivered"
        return FallbackDecision(False, f"the message is known to be {known}")
    if trigger is Trigger.SILENCE:
        return FallbackDecision(False, "silence is not a failure: only the time that a step waits acts on it")
    opted_out = failure is not None and failure.facts.opted_out
    if opted_out and message.promotional and not promotion_after_opt_out:
        return FallbackDecision(False, "the person blocked the sender and this is a promotion")
    return FallbackDecision(True, trigger.value)
