"""CreateAccessKey: creates an access key. To rotate a key: create another, use it, delete the first."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on, relies_on_all
from waypost.api.operations.ram.access_key_row import AccessKeyRow, access_key_row
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.key_owners import KeyOwnerName, key_owner, refuse_without_owner
from waypost.api.operations.ram.resources import USER
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.limits import MOST_OWNER_KEYS, MOST_USER_KEYS
from waypost.model.access.principals import AccessKey
from waypost.model.faults import Fault
from waypost.model.identifiers import new_access_key_id, new_secret
from waypost.storage.secrets import SecretBox


class CreateAccessKeyParams(Params, frozen=True):
    """The user for whom to create the key."""

    user_name: KeyOwnerName = ""


class NewAccessKeyRow(AccessKeyRow, frozen=True, kw_only=True):
    """An access key and its secret."""

    access_key_secret: Annotated[str, member("Its secret, shown this once.", "-")]


class CreateAccessKeyAnswer(Answer, frozen=True):
    """The key that was created."""

    access_key: Annotated[NewAccessKeyRow, member("The key.")]


OPERATION = Operation(
    "CreateAccessKey",
    "Makes an access key for a user. Its secret is in this answer and in no other.",
    CreateAccessKeyParams,
    CreateAccessKeyAnswer,
    errors=(codes.NO_SUCH_USER, codes.LIMIT_EXCEEDED_USER_ACCESS_KEY),
    product=RAM,
)


def handle(request: Request[CreateAccessKeyParams], secret_box: SecretBox) -> Result[CreateAccessKeyAnswer]:
    """Creates an access key.

    Raises:
        ApiError: a parameter is invalid; there is no such user; the user has reached the limit of keys.
    """
    caller, user_name = request.caller, request.params.user_name
    refuse_without_owner(request, user_name)
    key_id, secret = new_access_key_id(), new_secret()
    encrypted = secret_box.encrypt(secret, key_id)

    principals = request.configuration.principals
    user_id = key_owner(principals, caller, user_name)
    user = principals.users.get(user_id) if user_id is not None else None
    most = MOST_OWNER_KEYS if user_id is None else MOST_USER_KEYS
    if len(principals.keys_of(caller.account_id, user_id)) >= most:
        problem = f"there are {most} keys already"
        code = codes.LIMIT_EXCEEDED_USER_ACCESS_KEY
        raise from_faults([Fault(code, "UserName", problem, "delete one first")])
    key = AccessKey(
        id=key_id,
        account_id=caller.account_id,
        user_id=user_id,
        secret=encrypted,
        created_at=request.now,
    )
    row = NewAccessKeyRow(
        **msgspec.structs.asdict(access_key_row(key, request.now)), access_key_secret=secret
    )
    return Result(
        CreateAccessKeyAnswer(access_key=row),
        changes=[inserts(key), relies_on_all(request, AccessKey), *relies_on(user)],
    )


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
