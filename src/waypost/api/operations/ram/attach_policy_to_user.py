"""AttachPolicyToUser: attaches a policy to a user."""

from waypost.api.description import Operation, Params, without_effect
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import relies_on, replaces
from waypost.api.operations.ram.attachments import with_attachment
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_user, existing_policy
from waypost.api.operations.ram.resources import USER_AND_POLICY
from waypost.api.operations.ram.text_rules import PolicyName, PolicyTypeName, UserName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import Attachment


class AttachPolicyToUserParams(Params, frozen=True):
    """The policy to attach, and the user."""

    user_name: UserName = ""
    policy_type: PolicyTypeName = ""
    policy_name: PolicyName = ""


OPERATION = Operation(
    "AttachPolicyToUser",
    "Attaches a policy to a user; it decides from the next call on.",
    AttachPolicyToUserParams,
    Answer,
    errors=(
        codes.NO_SUCH_USER,
        codes.NO_SUCH_POLICY,
        codes.ALREADY_EXISTS_USER_POLICY,
        codes.LIMIT_EXCEEDED_USER_POLICY,
    ),
    ignored=without_effect("ResourceGroupId"),
    product=RAM,
)


def handle(request: Request[AttachPolicyToUserParams]) -> Result[Answer]:
    """Attaches a policy to a user.

    Raises:
        ApiError: a parameter is invalid; there is no such user or policy, or the operator declares the user;
            the policy is attached already, or the limit of attached policies is reached.
    """
    request.refuse()
    params, account_id = request.params, request.caller.account_id
    attachment = Attachment(params.policy_type, params.policy_name, request.now)

    principals = request.configuration.principals
    user = changeable_user(principals, account_id, params.user_name)
    policy = existing_policy(principals, account_id, params.policy_type, params.policy_name)
    changed = with_attachment(
        user,
        attachment,
        attached_code=codes.ALREADY_EXISTS_USER_POLICY,
        limit_code=codes.LIMIT_EXCEEDED_USER_POLICY,
    )
    return Result(Answer(), changes=[replaces(user, changed), *relies_on(policy)])


ENDPOINT = ram_endpoint(OPERATION, handle, USER_AND_POLICY)
