"""DetachPolicyFromRole: detaches a policy from a role."""

from waypost.api.description import Operation, Params, without_effect
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.ram.attachments import without_attachment
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_role
from waypost.api.operations.ram.resources import ROLE_AND_POLICY
from waypost.api.operations.ram.text_rules import PolicyName, PolicyTypeName, RoleName
from waypost.api.product import RAM
from waypost.model import codes


class DetachPolicyFromRoleParams(Params, frozen=True):
    """The policy to detach, and the role."""

    role_name: RoleName = ""
    policy_type: PolicyTypeName = ""
    policy_name: PolicyName = ""


OPERATION = Operation(
    "DetachPolicyFromRole",
    "Detaches a policy from a role, for sessions that are under way too.",
    DetachPolicyFromRoleParams,
    Answer,
    errors=(codes.NO_SUCH_ROLE, codes.NO_SUCH_ROLE_POLICY),
    ignored=without_effect("ResourceGroupId"),
    product=RAM,
)


def handle(request: Request[DetachPolicyFromRoleParams]) -> Result[Answer]:
    """Detaches a policy from a role.

    Raises:
        ApiError: a parameter is invalid; there is no such role, or the operator declares it; the policy is
            not attached.
    """
    request.refuse()
    params = request.params

    principals = request.configuration.principals
    role = changeable_role(principals, request.caller.account_id, params.role_name)
    missing_code = codes.NO_SUCH_ROLE_POLICY
    changed = without_attachment(role, params.policy_type, params.policy_name, missing_code)
    return Result(Answer(), changes=[replaces(role, changed)])


ENDPOINT = ram_endpoint(OPERATION, handle, ROLE_AND_POLICY)
