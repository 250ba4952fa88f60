"""UpdateAccessKey: enables or disables an access key."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Parameter, Params
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.ram.access_key_row import KeyStatus
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.key_owners import KeyId, KeyOwnerName, changeable_key, refuse_without_owner
from waypost.api.operations.ram.resources import USER
from waypost.api.product import RAM
from waypost.model import codes


class UpdateAccessKeyParams(Params, frozen=True):
    """The key to change, and its new status."""

    user_name: KeyOwnerName = ""
    user_access_key_id: KeyId = ""
    status: Annotated[
        KeyStatus | None,
        Parameter(
            "Status",
            "Whether calls can be signed with it.",
            KeyStatus.INACTIVE,
            required=True,
            invalid=codes.INVALID_STATUS,
        ),
    ] = None


OPERATION = Operation(
    "UpdateAccessKey",
    "Switches an access key on or off.",
    UpdateAccessKeyParams,
    Answer,
    errors=(codes.NO_SUCH_USER, codes.NO_SUCH_USER_ACCESS_KEY),
    product=RAM,
)


def handle(request: Request[UpdateAccessKeyParams]) -> Result[Answer]:
    """Enables or disables an access key.

    Raises:
        ApiError: a parameter is invalid; there is no such user or key, or the operator declares it.
    """
    params = request.params
    refuse_without_owner(request, params.user_name)

    principals = request.configuration.principals
    key = changeable_key(principals, request.caller, params.user_name, params.user_access_key_id)
    enabled = params.status is KeyStatus.ACTIVE
    changed = msgspec.structs.replace(key, enabled=enabled, ends_at=None if enabled else key.ends_at)
    return Result(Answer(), changes=[replaces(key, changed)])


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
