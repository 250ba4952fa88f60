"""ListPolicyVersions: lists the versions of a policy, oldest first."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.policy_versions import PolicyVersionRow, policy_version_row, policy_versions
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import PolicyName, PolicyTypeName
from waypost.api.product import RAM
from waypost.model import codes


class ListPolicyVersionsParams(Params, frozen=True):
    """The policy whose versions to list."""

    policy_name: PolicyName = ""
    policy_type: PolicyTypeName = ""


class PolicyVersionRows(Answer, frozen=True):
    """The member PolicyVersions, a list of versions."""

    policy_version: Annotated[list[PolicyVersionRow], member("The versions.")]


class ListPolicyVersionsAnswer(Answer, frozen=True):
    """The answer with the versions of the policy."""

    policy_versions: Annotated[PolicyVersionRows, member("The versions.")]


OPERATION = Operation(
    "ListPolicyVersions",
    "Lists the versions of a policy, oldest first.",
    ListPolicyVersionsParams,
    ListPolicyVersionsAnswer,
    errors=(codes.NO_SUCH_POLICY,),
    product=RAM,
)


def handle(request: Request[ListPolicyVersionsParams]) -> Result[ListPolicyVersionsAnswer]:
    """Returns the versions of a policy.

    Raises:
        ApiError: a parameter is invalid; there is no such policy.
    """
    request.refuse()
    params = request.params
    versions, default = policy_versions(
        request.configuration.principals, request.caller.account_id, params.policy_type, params.policy_name
    )
    rows = PolicyVersionRows(policy_version=[policy_version_row(version, default) for version in versions])
    return Result(ListPolicyVersionsAnswer(policy_versions=rows))


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
