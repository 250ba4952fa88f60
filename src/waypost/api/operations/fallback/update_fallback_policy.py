"""UpdateFallbackPolicy, Waypost's own: changes a fallback policy."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import relies_on, replaces
from waypost.api.operations.fallback.policy import (
    POLICY_NAME,
    FallBackId,
    PolicyAnswer,
    find_changeable_policy,
    policy_answer,
)
from waypost.api.operations.fallback.steps import STEPS, StepReference, resolved_entries, resolve_steps
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.model import codes


class UpdateFallbackPolicyParams(Params, frozen=True):
    """The policy to change, and its new values."""

    fall_back_id: FallBackId = ""
    policy_name: Annotated[str, POLICY_NAME._replace(required=False)] = ""
    steps: Annotated[tuple[StepReference, ...], STEPS._replace(required=False)] = ()


OPERATION = Operation(
    "UpdateFallbackPolicy",
    "Changes a fallback policy; parameters left out stay as they are. Messages accepted before keep their "
    "steps.",
    UpdateFallbackPolicyParams,
    PolicyAnswer,
    errors=(codes.invalid("FallBackId"),),
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[UpdateFallbackPolicyParams]) -> Result[PolicyAnswer]:
    """Changes a policy.

    Raises:
        ApiError: a parameter is invalid; the account has no such policy, or the operator declares it.
    """
    params, fallbacks = request.params, request.configuration.fallbacks
    steps, faults = resolve_steps(request, params.steps)
    policy = find_changeable_policy(request, params.fall_back_id, faults)
    changed = msgspec.structs.replace(
        policy, name=params.policy_name or policy.name, steps=steps or policy.steps
    )
    answer = policy_answer(fallbacks.with_current_rules(changed))
    return Result(answer, changes=[replaces(policy, changed), *relies_on(*resolved_entries(request, steps))])


ENDPOINT = Endpoint(OPERATION, handle)
