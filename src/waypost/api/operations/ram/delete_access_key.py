"""DeleteAccessKey: deletes an access key; calls signed with it are refused from then on."""

from waypost.api.description import Operation, Params
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.key_owners import KeyId, KeyOwnerName, changeable_key, refuse_without_owner
from waypost.api.operations.ram.resources import USER
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.entry_changes import RemoveEntry


class DeleteAccessKeyParams(Params, frozen=True):
    """The key to delete."""

    user_name: KeyOwnerName = ""
    user_access_key_id: KeyId = ""


OPERATION = Operation(
    "DeleteAccessKey",
    "Deletes an access key.",
    DeleteAccessKeyParams,
    Answer,
    errors=(codes.NO_SUCH_USER, codes.NO_SUCH_USER_ACCESS_KEY),
    product=RAM,
)


def handle(request: Request[DeleteAccessKeyParams]) -> Result[Answer]:
    """Deletes an access key.

    Raises:
        ApiError: a parameter is invalid; there is no such user or key, or the operator declares it.
    """
    params = request.params
    refuse_without_owner(request, params.user_name)

    principals = request.configuration.principals
    key = changeable_key(principals, request.caller, params.user_name, params.user_access_key_id)
    return Result(Answer(), changes=[RemoveEntry(key)])


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
