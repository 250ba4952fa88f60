"""DeleteAccessKey: deletes an access key; calls signed with it are refused from then on."""

from waypost.api.description import Operation, Params
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.key_owners import KeyId, KeyOwnerName, changeable_key, refuse_without_owner
from waypost.api.operations.ram.principal_changes import PrincipalKind, change_principals
from waypost.api.operations.ram.resources import USER
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import Principals
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key


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

    def change(principals: Principals, transaction: Transaction) -> Answer:
        key = changeable_key(principals, request.caller, params.user_name, params.user_access_key_id)
        transaction.remove_entries([entry_key(key)])
        return Answer()

    return change_principals(request, change, PrincipalKind.USERS, PrincipalKind.KEYS)


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
