"""DeleteFallbackPolicy, Waypost's own: deletes a fallback policy."""

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.fallback.policy import FallBackId, find_changeable_policy
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.model import codes
from waypost.model.entry_changes import RemoveEntry


class DeleteFallbackPolicyParams(Params, frozen=True):
    """The policy to delete."""

    fall_back_id: FallBackId = ""


OPERATION = Operation(
    "DeleteFallbackPolicy",
    "Deletes a fallback policy. Messages accepted before keep the steps they had.",
    DeleteFallbackPolicyParams,
    SuccessAnswer,
    errors=(codes.invalid("FallBackId"),),
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[DeleteFallbackPolicyParams]) -> Result[SuccessAnswer]:
    """Deletes a policy.

    Raises:
        ApiError: a parameter is invalid; the account has no such policy, or the operator declares it.
    """
    policy = find_changeable_policy(request, request.params.fall_back_id)
    return Result(SuccessAnswer(), changes=[RemoveEntry(policy)])


ENDPOINT = Endpoint(OPERATION, handle)
