"""The parameters, rows and look-up that the operations on fallback policies share.

A policy that the operator declares in the settings file can be used like any other, but changed only there.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from waypost.api.description import Parameter
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Request
from waypost.api.operations.fallback.rule import LONGEST_NAME
from waypost.api.operations.ownership import declared_fault, not_owned
from waypost.model import codes
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.faults import Fault

POLICY_NAME = Parameter(
    "PolicyName",
    "What the policy is called.",
    "Viber, then SMS",
    required=True,
    longest=LONGEST_NAME,
    one_line=True,
)
FallBackId = Annotated[
    str,
    Parameter(
        "FallBackId", "The policy.", "S_314159265", required=True, invalid=codes.UNKNOWN_RESOURCE_OWNER
    ),
]


class StepRow(Answer, frozen=True):
    """A step of a policy."""

    rule_id: Annotated[str, member("The rule, where the step names one.", "")]
    rule_name: Annotated[str, member("Its name.", "")]
    channel_type: Annotated[str, member("The channel.", "sms")]
    sender_id: Annotated[str, member("The sender.", "Waypost")]
    condition: Annotated[str, member("failed, undelivered or unread.", "undelivered")]
    wait: Annotated[int | msgspec.UnsetType, member("Seconds; left out when only a failure counts.")] = (
        msgspec.UNSET
    )


class PolicyRow(Answer, frozen=True):
    """A policy."""

    fall_back_id: Annotated[str, member("The policy.", "S_314159265")]
    policy_name: Annotated[str, member("Its name.", "Viber, then SMS")]
    steps: Annotated[list[StepRow], member("What is tried, in this order.")]
    declared: Annotated[bool, member("Whether the operator declares it and calls cannot change it.")]
    create_time: Annotated[int, member("When it was made, milliseconds UTC; 0 for a declared one.")]


class PolicyAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one policy."""

    data: Annotated[PolicyRow, member("The policy.")]


def fallback_policy_row(policy: FallbackPolicy) -> PolicyRow:
    """Converts a policy to its row."""
    return PolicyRow(
        fall_back_id=policy.id,
        policy_name=policy.name,
        steps=[_step_row(step) for step in policy.steps],
        declared=policy.declared,
        create_time=policy.created_at or policy.declared_at,
    )


def _step_row(step: PolicyStep) -> StepRow:
    return StepRow(
        rule_id=step.rule_id,
        rule_name=step.name,
        channel_type=step.channel,
        sender_id=step.sender,
        condition=step.condition.value,
        wait=msgspec.UNSET if step.wait is None else step.wait,
    )


def policy_answer(policy: FallbackPolicy) -> PolicyAnswer:
    """Builds the answer with one policy."""
    return PolicyAnswer(data=fallback_policy_row(policy))


def find_policy(request: Request[Any], policy_id: str) -> FallbackPolicy:
    """The policy of the account with that id.

    Raises:
        ApiError: a parameter is invalid; the account has no such policy.
    """
    policy = request.configuration.fallbacks.policy(request.caller.account_id, policy_id)
    request.refuse([unknown_policy(policy_id)] if policy is None and policy_id else [])
    assert policy is not None
    return policy


def find_changeable_policy(
    request: Request[Any], policy_id: str, faults: Sequence[Fault] = ()
) -> FallbackPolicy:
    """The stored policy of the account with that id, if API calls may change it.

    Args:
        faults: further faults of the call.

    Raises:
        ApiError: a parameter is invalid; the account has no such policy, or the operator declares it.
    """
    policy = request.configuration.fallbacks.stored_policy(request.caller.account_id, policy_id)
    own: list[Fault] = []
    if policy is None and policy_id:
        own = [unknown_policy(policy_id)]
    elif policy is not None and policy.declared:
        own = [declared_fault(codes.invalid("FallBackId"), "FallBackId", policy.id)]
    request.refuse([*own, *faults])
    assert policy is not None
    return policy


def unknown_policy(policy_id: str) -> Fault:
    """The fault of a reference to a policy that the account does not have."""
    return not_owned("FallBackId", policy_id, "a fallback policy")
