"""Whether a fallback fires: decided here, acted on by delivery."""

from enum import Enum
from typing import NamedTuple

from waypost.model.failures import SendFailure
from waypost.model.leg import LegState
from waypost.model.message import Message


class Trigger(Enum):
    """What may set a fallback off, in the words of the timeline."""

    TEMPLATE_FAULT = "the template or its variables were not valid"
    SUBMISSION_FAILED = "the provider did not take the message"
    FAILED_RECEIPT = "the provider reported a failure"
    EXPIRED_RECEIPT = "the provider reported that the time to live had passed"
    DURATION_PASSED = "no delivered receipt came within FallBackDuration"
    SILENCE = "no receipt came at all"


class FallbackDecision(NamedTuple):
    """Whether the next leg starts, and why or why not in words for the timeline."""

    fires: bool
    why: str


def decide(
    message: Message,
    leg: int,
    state: LegState,
    trigger: Trigger,
    *,
    failure: SendFailure | None = None,
    next_leg_exists: bool,
    promotion_after_opt_out: bool,
) -> FallbackDecision:
    """Decides whether what happened to `leg` starts the next one.

    Args:
        state: the leg's state after what happened.
        failure: why the leg failed, when it did.
        next_leg_exists: the step has fired already.
        promotion_after_opt_out: whether a promotion may follow by SMS a person who blocked the sender.
    """
    steps = message.fallback.steps if message.fallback is not None else ()
    if leg >= len(steps):
        return FallbackDecision(False, "there is nothing to fall back to")
    if next_leg_exists:
        return FallbackDecision(False, "the fallback has already fired")
    if state.delivered:
        return FallbackDecision(False, "the message is known to be delivered")
    if trigger is Trigger.SILENCE:
        return FallbackDecision(False, "silence is not a failure: only FallBackDuration acts on it")
    opted_out = failure is not None and failure.facts.opted_out
    if opted_out and message.label == "promotion" and not promotion_after_opt_out:
        return FallbackDecision(False, "the person blocked the sender and this is a promotion")
    return FallbackDecision(True, trigger.value)
