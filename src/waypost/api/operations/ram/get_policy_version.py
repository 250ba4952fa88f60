"""GetPolicyVersion: shows a version of a policy."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.policy_versions import (
    PolicyVersionRow,
    policy_version_row,
    policy_versions,
    version_of,
)
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import PolicyName, PolicyTypeName, VersionId
from waypost.api.product import RAM
from waypost.model import codes


class GetPolicyVersionParams(Params, frozen=True):
    """The version to show."""

    policy_name: PolicyName = ""
    policy_type: PolicyTypeName = ""
    version_id: VersionId = ""


class GetPolicyVersionAnswer(Answer, frozen=True):
    """The answer with the version."""

    policy_version: Annotated[PolicyVersionRow, member("The version.")]


OPERATION = Operation(
    "GetPolicyVersion",
    "Shows a version of a policy.",
    GetPolicyVersionParams,
    GetPolicyVersionAnswer,
    errors=(codes.NO_SUCH_POLICY, codes.NO_SUCH_POLICY_VERSION),
    product=RAM,
)


def handle(request: Request[GetPolicyVersionParams]) -> Result[GetPolicyVersionAnswer]:
    """Shows a version.

    Raises:
        ApiError: a parameter is invalid; there is no such policy or version.
    """
    request.refuse()
    params = request.params
    versions, default = policy_versions(
        request.configuration.principals, request.caller.account_id, params.policy_type, params.policy_name
    )
    row = policy_version_row(version_of(versions, params.version_id), default)
    return Result(GetPolicyVersionAnswer(policy_version=row))


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
