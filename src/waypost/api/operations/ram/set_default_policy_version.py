"""SetDefaultPolicyVersion: makes a version of a policy its default version."""

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.policy_versions import changeable_version
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import PolicyName, VersionId
from waypost.api.product import RAM
from waypost.model import codes


class SetDefaultPolicyVersionParams(Params, frozen=True):
    """The new default version."""

    policy_name: PolicyName = ""
    version_id: VersionId = ""


OPERATION = Operation(
    "SetDefaultPolicyVersion",
    "Lets a version of a policy decide.",
    SetDefaultPolicyVersionParams,
    Answer,
    errors=(codes.NO_SUCH_POLICY, codes.NO_SUCH_POLICY_VERSION),
    product=RAM,
)


def handle(request: Request[SetDefaultPolicyVersionParams]) -> Result[Answer]:
    """Makes a version the default version of its policy, from the next call on.

    Raises:
        ApiError: a parameter is invalid; there is no such policy or version, or the operator declares it.
    """
    request.refuse()
    name, version_id = request.params.policy_name, request.params.version_id

    principals = request.configuration.principals
    policy, version = changeable_version(principals, request.caller.account_id, name, version_id)
    changed = msgspec.structs.replace(policy, default=version.id, updated_at=request.now)
    return Result(Answer(), changes=[replaces(policy, changed)])


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
