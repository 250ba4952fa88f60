"""CreateFallbackPolicy, Waypost's own: creates a fallback policy."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on
from waypost.api.operations.fallback.drawn_id import draw_id
from waypost.api.operations.fallback.policy import POLICY_NAME, PolicyAnswer, policy_answer
from waypost.api.operations.fallback.steps import STEPS, StepReference, resolve_steps, rules_and_senders_of
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.model import codes
from waypost.model.fallback.policies import FallbackPolicy


class CreateFallbackPolicyParams(Params, frozen=True):
    """The policy to create."""

    policy_name: Annotated[str, POLICY_NAME] = ""
    steps: Annotated[tuple[StepReference, ...], STEPS] = ()


OPERATION = Operation(
    "CreateFallbackPolicy",
    "Makes a fallback policy: the chain of what is tried when a message does not arrive. Its FallBackId is "
    "what SendChatappMessage takes.",
    CreateFallbackPolicyParams,
    PolicyAnswer,
    errors=(codes.UNKNOWN_RESOURCE_OWNER,),
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[CreateFallbackPolicyParams]) -> Result[PolicyAnswer]:
    """Creates a policy.

    Raises:
        ApiError: a parameter is invalid.
    """
    steps, faults = resolve_steps(request, request.params.steps)
    request.refuse(faults)
    policy = FallbackPolicy(
        id=draw_id("S_", "fallback_policy"),
        account_id=request.caller.account_id,
        name=request.params.policy_name,
        steps=steps,
        created_at=request.now,
    )
    return Result(
        policy_answer(policy), changes=[inserts(policy), *relies_on(*rules_and_senders_of(request, steps))]
    )


ENDPOINT = Endpoint(OPERATION, handle)
