"""The fallback chain of a message: the steps after its own channel, and the condition and wait of each."""

from enum import Enum

import msgspec

from waypost.model.channels import channel_named
from waypost.model.message.leg import LegState

SHORTEST_WAIT = 10
LONGEST_WAIT = 43_200
"""Seconds that a step may wait: the bounds that the official metadata has for FallBackDuration."""


class StepCondition(Enum):
    """The condition on a leg under which the next step starts."""

    FAILED = "failed"
    """The provider refused it or reported a failure."""
    UNDELIVERED = "undelivered"
    """It failed, or it was not delivered within the wait."""
    UNREAD = "unread"
    """It failed, or it was not read within the wait."""

    def satisfied_by(self, state: LegState) -> bool:
        """Whether a leg in that state makes the next step unnecessary."""
        return state is LegState.READ if self is StepCondition.UNREAD else state.delivered


def unread_error(condition: StepCondition, channel: str) -> str:
    """What is wrong with a condition on a leg of a channel; empty for nothing."""
    if condition is not StepCondition.UNREAD or channel_named(channel).reports_reading:
        return ""
    return f"{channel} never reports that a message was read, so the step would always start"


def step_error(condition: StepCondition, wait: int | None) -> str:
    """The problem with the wait of a step, as a sentence; empty if there is none."""
    if wait is not None and not SHORTEST_WAIT <= wait <= LONGEST_WAIT:
        return f"the wait is {wait} s; it must be from {SHORTEST_WAIT} to {LONGEST_WAIT}"
    if condition is StepCondition.UNREAD and wait is None:
        return "the condition unread needs a wait: the seconds in which the message may be read"
    if condition is StepCondition.FAILED and wait is not None:
        return "the condition failed has no wait: the step starts with the failure"
    return ""


class FallbackStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of the chain, resolved when the call was accepted.

    Attributes:
        channel: `sms`, or another channel that can carry a text.
        sender: the sender of that channel.
        text: what is sent.
        recipient: to whom; empty for the message's own recipient.
        wait: seconds that the leg before it has; None for no limit.
        condition: what sets it off.
        label: on Viber, the Label it is sent with.
    """

    channel: str
    sender: str
    text: str
    recipient: str = ""
    wait: int | None = None
    condition: StepCondition = StepCondition.UNDELIVERED
    label: str = ""


class Fallback(msgspec.Struct, frozen=True):
    """The fallback of a call (seed.txt: FallBackId, FallBackRule, FallBackDuration, FallBackContent).

    Attributes:
        policy_id: the policy named by FallBackId.
        rule: `undelivered` or `sentFailed`.
        duration: FallBackDuration: seconds without a delivered receipt after which the first step starts,
            whatever the policy says; None for what the policy says.
        steps: what to try, in order; leg 1 is the first.
    """

    policy_id: str
    rule: str
    duration: int | None
    steps: tuple[FallbackStep, ...]

    def wait_after(self, leg: int) -> int | None:
        """The seconds that a leg has before the next step starts; None for no limit or no next step."""
        if leg >= len(self.steps) or self.condition_after(leg) is StepCondition.FAILED:
            return None
        return self.duration if leg == 0 and self.duration is not None else self.steps[leg].wait

    def condition_after(self, leg: int) -> StepCondition:
        """The condition under which the step after a leg starts; for the last leg, delivery counts."""
        if leg >= len(self.steps):
            return StepCondition.UNDELIVERED
        condition = self.steps[leg].condition
        if leg == 0 and self.duration is not None and condition is StepCondition.FAILED:
            return StepCondition.UNDELIVERED
        return condition
