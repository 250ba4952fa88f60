"""GetFallbackPolicy, Waypost's own: shows a fallback policy."""

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.fallback.policy import FallBackId, PolicyAnswer, find_policy, policy_answer
from waypost.api.operations.ownership import OWNER_PARAMETERS


class GetFallbackPolicyParams(Params, frozen=True):
    """The policy to show."""

    fall_back_id: FallBackId = ""


OPERATION = Operation(
    "GetFallbackPolicy",
    "Shows a fallback policy.",
    GetFallbackPolicyParams,
    PolicyAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[GetFallbackPolicyParams]) -> Result[PolicyAnswer]:
    """Shows a policy.

    Raises:
        ApiError: a parameter is invalid; the account has no such policy.
    """
    return Result(policy_answer(find_policy(request, request.params.fall_back_id)))


ENDPOINT = Endpoint(OPERATION, handle)
