"""Whether a step of the fallback starts: decided here, acted on by delivery."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from waypost.model.fallback.chain import StepCondition
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.message import Message


class Trigger(Enum):
    """What may set a step off, in the words of the timeline."""

    TEMPLATE_FAULT = "the template or its variables were not valid"
    SUBMISSION_FAILED = "the provider did not take the message"
    FAILED_RECEIPT = "the provider reported a failure"
    EXPIRED_RECEIPT = "the provider reported that the time to live had passed"
    WAIT_PASSED = "no delivered receipt came in time"
    UNREAD_WAIT_PASSED = "it was not read in time"
    SILENCE = "no receipt came at all"


class FallbackDecision(NamedTuple):
    """Whether the next leg starts, and why or why not in words for the timeline."""

    fires: bool
    why: str


def settled(message: Message, states: Sequence[LegState]) -> bool:
    """Whether one of the legs is good enough for nothing more to be sent.

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
    """What it is called when the time that a leg has is over."""
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
    """Decides whether what happened to `leg` starts the next one.

    Args:
        states: of all legs that exist, leg 0 first, after what happened.
        failure: why the leg failed, when it did.
        promotion_after_opt_out: whether a promotion may follow a person who blocked the sender.
    """
    steps = message.fallback.steps if message.fallback is not None else ()
    if leg >= len(steps):
        return FallbackDecision(False, "there is nothing to fall back to")
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
