"""DeletePolicyVersion: deletes a version of a policy, other than the default version."""

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.policy_versions import changeable_version
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import PolicyName, VersionId
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.faults import Fault


class DeletePolicyVersionParams(Params, frozen=True):
    """The version to delete."""

    policy_name: PolicyName = ""
    version_id: VersionId = ""


OPERATION = Operation(
    "DeletePolicyVersion",
    "Deletes a version of a policy that does not decide.",
    DeletePolicyVersionParams,
    Answer,
    errors=(
        codes.NO_SUCH_POLICY,
        codes.NO_SUCH_POLICY_VERSION,
        codes.DELETE_CONFLICT_POLICY_VERSION_DEFAULT,
    ),
    product=RAM,
)


def handle(request: Request[DeletePolicyVersionParams]) -> Result[Answer]:
    """Deletes a version.

    Raises:
        ApiError: a parameter is invalid; there is no such policy or version, or the operator declares it;
            it is the default version.
    """
    request.refuse()
    name, version_id = request.params.policy_name, request.params.version_id

    principals = request.configuration.principals
    policy, version = changeable_version(principals, request.caller.account_id, name, version_id)
    if version.id == policy.default:
        code, problem = codes.DELETE_CONFLICT_POLICY_VERSION_DEFAULT, "is the one that decides"
        raise from_faults([Fault(code, "VersionId", problem, value=version.id)])
    kept = tuple(each for each in policy.versions if each.id != version.id)
    changed = msgspec.structs.replace(policy, versions=kept)
    return Result(Answer(), changes=[replaces(policy, changed)])


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
