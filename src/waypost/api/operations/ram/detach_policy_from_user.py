"""DetachPolicyFromUser: detaches a policy from a user."""

from waypost.api.description import Operation, Params, without_effect
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.ram.attachments import without_attachment
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_user
from waypost.api.operations.ram.resources import USER_AND_POLICY
from waypost.api.operations.ram.text_rules import PolicyName, PolicyTypeName, UserName
from waypost.api.product import RAM
from waypost.model import codes


class DetachPolicyFromUserParams(Params, frozen=True):
    """The policy to detach, and the user."""

    user_name: UserName = ""
    policy_type: PolicyTypeName = ""
    policy_name: PolicyName = ""


OPERATION = Operation(
    "DetachPolicyFromUser",
    "Detaches a policy from a user.",
    DetachPolicyFromUserParams,
    Answer,
    errors=(codes.NO_SUCH_USER, codes.NO_SUCH_USER_POLICY),
    ignored=without_effect("ResourceGroupId"),
    product=RAM,
)


def handle(request: Request[DetachPolicyFromUserParams]) -> Result[Answer]:
    """Detaches a policy from a user.

    Raises:
        ApiError: a parameter is invalid; there is no such user, or the operator declares it; the policy is
            not attached.
    """
    request.refuse()
    params = request.params

    principals = request.configuration.principals
    user = changeable_user(principals, request.caller.account_id, params.user_name)
    missing_code = codes.NO_SUCH_USER_POLICY
    changed = without_attachment(user, params.policy_type, params.policy_name, missing_code)
    return Result(Answer(), changes=[replaces(user, changed)])


ENDPOINT = ram_endpoint(OPERATION, handle, USER_AND_POLICY)
