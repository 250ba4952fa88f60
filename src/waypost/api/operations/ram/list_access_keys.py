"""ListAccessKeys: lists the access keys of a user, without their secrets."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.access_key_row import AccessKeyRow, access_key_row
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.key_owners import KeyOwnerName, key_owner, refuse_without_owner
from waypost.api.operations.ram.resources import USER
from waypost.api.product import RAM
from waypost.model import codes


class ListAccessKeysParams(Params, frozen=True):
    """The user whose keys to list."""

    user_name: KeyOwnerName = ""


class AccessKeyRows(Answer, frozen=True):
    """The member AccessKeys, a list of keys."""

    access_key: Annotated[list[AccessKeyRow], member("The access keys.")]


class ListAccessKeysAnswer(Answer, frozen=True):
    """The answer with the keys of a user."""

    access_keys: Annotated[AccessKeyRows, member("The keys.")]


OPERATION = Operation(
    "ListAccessKeys",
    "Lists the access keys of a user, oldest first, without their secrets.",
    ListAccessKeysParams,
    ListAccessKeysAnswer,
    errors=(codes.NO_SUCH_USER,),
    product=RAM,
)


def handle(request: Request[ListAccessKeysParams]) -> Result[ListAccessKeysAnswer]:
    """Returns the access keys of a user.

    Raises:
        ApiError: a parameter is invalid; there is no such user.
    """
    caller, user_name = request.caller, request.params.user_name
    refuse_without_owner(request, user_name)
    principals = request.configuration.principals
    keys = principals.keys_of(caller.account_id, key_owner(principals, caller, user_name))
    rows = AccessKeyRows(access_key=[access_key_row(key, request.now) for key in keys])
    return Result(ListAccessKeysAnswer(access_keys=rows))


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
