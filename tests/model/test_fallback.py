"""When a fallback fires: the table of decisions."""

import itertools

import pytest

from tests.model.messages import fallback, message
from waypost.model.fallback.decision import FallbackDecision, Trigger, decide_fallback
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.redaction import redacted_message

FAILED, SENT, EXPIRED = LegState.FAILED, LegState.SENT, LegState.EXPIRED
WITH_FALLBACK = message(fallback=fallback(60))


def decision(
    state: LegState,
    trigger: Trigger,
    failure: SendFailure | None = None,
    *,
    label: str = "promotion",
    allowed: bool = False,
) -> FallbackDecision:
    return decide_fallback(
        message(fallback=fallback(60), label=label),
        0,
        [state],
        trigger,
        failure=failure,
        promotion_after_opt_out=allowed,
    )


@pytest.mark.parametrize(
    ("state", "trigger", "fires"),
    [
        (FAILED, Trigger.TEMPLATE_FAULT, True),
        (FAILED, Trigger.SUBMISSION_FAILED, True),
        (FAILED, Trigger.FAILED_RECEIPT, True),
        (EXPIRED, Trigger.EXPIRED_RECEIPT, True),
        (SENT, Trigger.WAIT_PASSED, True),
        (LegState.QUEUED, Trigger.WAIT_PASSED, True),
        (LegState.IN_DOUBT, Trigger.WAIT_PASSED, True),
        (EXPIRED, Trigger.WAIT_PASSED, True),
        (EXPIRED, Trigger.SILENCE, False),
    ],
)
def test_what_sets_a_fallback_off(state: LegState, trigger: Trigger, fires: bool) -> None:
    assert decision(state, trigger).fires is fires


@pytest.mark.parametrize(
    ("label", "failure", "allowed", "fires"),
    [
        ("promotion", SendFailure.OPTED_OUT, False, False),
        ("promotion", SendFailure.OPTED_OUT, True, True),
        ("transaction", SendFailure.OPTED_OUT, False, True),
        ("promotion", SendFailure.NOT_ON_CHANNEL, False, True),
    ],
)
def test_a_promotion_does_not_follow_whoever_blocked_the_sender(
    label: str, failure: SendFailure, allowed: bool, fires: bool
) -> None:
    assert decision(FAILED, Trigger.SUBMISSION_FAILED, failure, label=label, allowed=allowed).fires is fires


def test_nor_does_it_when_the_duration_passes_later() -> None:
    assert not decision(FAILED, Trigger.WAIT_PASSED, SendFailure.OPTED_OUT).fires


@pytest.mark.parametrize(
    ("trigger", "failure", "allowed"),
    list(itertools.product(Trigger, [None, *SendFailure], [False, True])),
)
def test_no_fallback_without_one_or_twice_or_after_delivery(
    trigger: Trigger, failure: SendFailure | None, allowed: bool
) -> None:
    def fires(requested: bool = True, *, leg: int = 0, state: LegState = FAILED, fired: bool = False) -> bool:
        return decide_fallback(
            WITH_FALLBACK if requested else message(),
            leg,
            [state] * (leg + 1) + [LegState.QUEUED] * fired,
            trigger,
            failure=failure,
            promotion_after_opt_out=allowed,
        ).fires

    assert not fires(requested=False)
    assert not fires(leg=1)
    assert not fires(fired=True)
    assert not fires(state=LegState.DELIVERED)
    assert not fires(state=LegState.READ)


def test_the_reason_is_a_sentence() -> None:
    fired = decision(FAILED, Trigger.FAILED_RECEIPT)
    assert fired.why == "the provider reported a failure"
    assert decision(LegState.READ, Trigger.WAIT_PASSED).why == "the message is known to be read"


def test_a_message_without_content_falls_back_to_nothing_however_late_its_receipt() -> None:
    redacted = redacted_message(WITH_FALLBACK)
    late = decide_fallback(redacted, 0, [FAILED], Trigger.FAILED_RECEIPT, promotion_after_opt_out=True)
    assert late == FallbackDecision(False, "its content was removed")
