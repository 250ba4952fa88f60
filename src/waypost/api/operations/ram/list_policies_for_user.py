"""ListPoliciesForUser: lists the policies attached to a user, those of the settings file first."""

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.attachments import AttachedPoliciesAnswer, attached_policies
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import named_user
from waypost.api.operations.ram.resources import USER
from waypost.api.operations.ram.text_rules import UserName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import INLINE, Attachment


class ListPoliciesForUserParams(Params, frozen=True):
    """The user whose policies to list."""

    user_name: UserName = ""


OPERATION = Operation(
    "ListPoliciesForUser",
    "Lists the policies of a user.",
    ListPoliciesForUserParams,
    AttachedPoliciesAnswer,
    errors=(codes.NO_SUCH_USER,),
    product=RAM,
)


def handle(request: Request[ListPoliciesForUserParams]) -> Result[AttachedPoliciesAnswer]:
    """Returns the policies attached to a user.

    Raises:
        ApiError: a parameter is invalid; there is no such user.
    """
    request.refuse()
    principals = request.configuration.principals
    user = named_user(principals, request.caller.account_id, request.params.user_name)
    declared = [Attachment(INLINE, name) for name in user.policies]
    return Result(attached_policies(principals, user.account_id, (*declared, *user.attached)))


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
