"""CreatePolicyVersion: adds a version with a new document to a policy."""

from enum import Enum
from typing import Annotated

import msgspec

from waypost.api.description import Operation, Parameter, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.ram.documents import PolicyDocument
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.policy_versions import PolicyVersionRow, policy_version_row
from waypost.api.operations.ram.principals import changeable_policy
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import PolicyName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.limits import MOST_POLICY_VERSIONS
from waypost.model.access.principals import AccountPolicy, PolicyVersion
from waypost.model.faults import Fault


class RotateStrategy(Enum):
    """Which version is deleted when the policy has reached its limit of versions."""

    NONE = "None"
    OLDEST = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


class CreatePolicyVersionParams(Params, frozen=True):
    """The policy and its new document."""

    policy_name: PolicyName = ""
    policy_document: PolicyDocument = ""
    set_as_default: Annotated[
        bool, Parameter("SetAsDefault", "Whether it becomes the version in force.", "true", default="false")
    ] = False
    rotate_strategy: Annotated[
        RotateStrategy,
        Parameter(
            "RotateStrategy",
            "Whether the oldest version that does not decide is deleted when there are "
            f"{MOST_POLICY_VERSIONS} already.",
            RotateStrategy.OLDEST.value,
            default="None",
        ),
    ] = RotateStrategy.NONE


class CreatePolicyVersionAnswer(Answer, frozen=True):
    """The version that was created."""

    policy_version: Annotated[PolicyVersionRow, member("The version.")]


OPERATION = Operation(
    "CreatePolicyVersion",
    "Gives a policy another document.",
    CreatePolicyVersionParams,
    CreatePolicyVersionAnswer,
    errors=(codes.NO_SUCH_POLICY, codes.LIMIT_EXCEEDED_POLICY_VERSION),
    product=RAM,
)


def handle(request: Request[CreatePolicyVersionParams]) -> Result[CreatePolicyVersionAnswer]:
    """Adds a version to a policy.

    Raises:
        ApiError: a parameter is invalid; there is no such policy, or the operator declares it; it has
            reached its limit of versions.
    """
    request.refuse()
    params = request.params

    principals = request.configuration.principals
    policy = changeable_policy(principals, request.caller.account_id, params.policy_name)
    kept = _kept_versions(policy, params.rotate_strategy)
    version = PolicyVersion(f"v{policy.made + 1}", params.policy_document, request.now)
    changed = msgspec.structs.replace(policy, versions=(*kept, version), made=policy.made + 1)
    if params.set_as_default:
        changed = msgspec.structs.replace(changed, default=version.id, updated_at=request.now)
    answer = CreatePolicyVersionAnswer(policy_version=policy_version_row(version, changed.default))
    return Result(answer, changes=[replaces(policy, changed)])


def _kept_versions(policy: AccountPolicy, strategy: RotateStrategy) -> tuple[PolicyVersion, ...]:
    """The versions that are kept when a new one is added.

    Raises:
        ApiError: the limit of versions is reached, and the strategy deletes none.
    """
    if len(policy.versions) < MOST_POLICY_VERSIONS:
        return policy.versions
    if strategy is RotateStrategy.NONE:
        problem = f"it has {MOST_POLICY_VERSIONS} versions already"
        allowed = f"delete one, or send RotateStrategy={RotateStrategy.OLDEST.value}"
        raise from_faults([Fault(codes.LIMIT_EXCEEDED_POLICY_VERSION, "PolicyName", problem, allowed)])
    oldest = next(version for version in policy.versions if version.id != policy.default)
    return tuple(version for version in policy.versions if version is not oldest)


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
