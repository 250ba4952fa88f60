"""DeleteUser: deletes a user that has neither access keys nor attached policies."""

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import relies_on_all
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_user
from waypost.api.operations.ram.resources import USER
from waypost.api.operations.ram.text_rules import UserName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import AccessKey
from waypost.model.entry_changes import RemoveEntry
from waypost.model.faults import Fault


class DeleteUserParams(Params, frozen=True):
    """The user to delete."""

    user_name: UserName = ""


OPERATION = Operation(
    "DeleteUser",
    "Deletes a user without keys and policies.",
    DeleteUserParams,
    Answer,
    errors=(codes.NO_SUCH_USER, codes.DELETE_CONFLICT_USER_ACCESS_KEY, codes.DELETE_CONFLICT_USER_POLICY),
    product=RAM,
)


def handle(request: Request[DeleteUserParams]) -> Result[Answer]:
    """Deletes a user.

    Raises:
        ApiError: a parameter is invalid; there is no such user, or the operator declares it; it has access
            keys or attached policies.
    """
    request.refuse()

    principals = request.configuration.principals
    user = changeable_user(principals, request.caller.account_id, request.params.user_name)
    keys = principals.keys_of(user.account_id, user.id)
    if keys:
        problem = f"it has the access keys {', '.join(key.id for key in keys)}"
        raise from_faults([Fault(codes.DELETE_CONFLICT_USER_ACCESS_KEY, "UserName", problem)])
    if user.attached:
        problem = f"it has the policies {', '.join(each.policy for each in user.attached)}"
        raise from_faults([Fault(codes.DELETE_CONFLICT_USER_POLICY, "UserName", problem)])
    return Result(Answer(), changes=[RemoveEntry(user), relies_on_all(request, AccessKey)])


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
