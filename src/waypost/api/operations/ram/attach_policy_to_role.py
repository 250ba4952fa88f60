"""AttachPolicyToRole: attaches a policy to a role."""

from waypost.api.description import Operation, Params, without_effect
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import relies_on, replaces
from waypost.api.operations.ram.attachments import with_attachment
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_role, existing_policy
from waypost.api.operations.ram.resources import ROLE_AND_POLICY
from waypost.api.operations.ram.text_rules import PolicyName, PolicyTypeName, RoleName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import Attachment


class AttachPolicyToRoleParams(Params, frozen=True):
    """The policy to attach, and the role."""

    role_name: RoleName = ""
    policy_type: PolicyTypeName = ""
    policy_name: PolicyName = ""


OPERATION = Operation(
    "AttachPolicyToRole",
    "Attaches a policy to a role; it decides from the next call on, in sessions that are under way too.",
    AttachPolicyToRoleParams,
    Answer,
    errors=(
        codes.NO_SUCH_ROLE,
        codes.NO_SUCH_POLICY,
        codes.ALREADY_EXISTS_ROLE_POLICY,
        codes.LIMIT_EXCEEDED_ROLE_POLICY,
    ),
    ignored=without_effect("ResourceGroupId"),
    product=RAM,
)


def handle(request: Request[AttachPolicyToRoleParams]) -> Result[Answer]:
    """Attaches a policy to a role.

    Raises:
        ApiError: a parameter is invalid; there is no such role or policy, or the operator declares the role;
            the policy is attached already, or the limit of attached policies is reached.
    """
    request.refuse()
    params, account_id = request.params, request.caller.account_id
    attachment = Attachment(params.policy_type, params.policy_name, request.now)

    principals = request.configuration.principals
    role = changeable_role(principals, account_id, params.role_name)
    policy = existing_policy(principals, account_id, params.policy_type, params.policy_name)
    changed = with_attachment(
        role,
        attachment,
        attached_code=codes.ALREADY_EXISTS_ROLE_POLICY,
        limit_code=codes.LIMIT_EXCEEDED_ROLE_POLICY,
    )
    return Result(Answer(), changes=[replaces(role, changed), *relies_on(policy)])


ENDPOINT = ram_endpoint(OPERATION, handle, ROLE_AND_POLICY)
