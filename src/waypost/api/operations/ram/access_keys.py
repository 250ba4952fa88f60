"""Access keys: made, switched, listed and deleted. To rotate one: make another, use it, delete the first."""

from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.api.description import Parameter
from waypost.api.errors.catalogue import ApiError
from waypost.api.legacy_description import Operation
from waypost.api.members import Member
from waypost.api.operations.legacy import Endpoint, Request, Result
from waypost.api.operations.ram import changing, describing
from waypost.model import codes
from waypost.model.access.principals import AccessKey, Principals
from waypost.model.identifiers import new_access_key_id, new_secret
from waypost.model.quoting import quoted
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

# As officially: two for a user, five for the account's owner.
_MOST, _MOST_OF_OWNER = 2, 5
_ACTIVE, _INACTIVE = "Active", "Inactive"
_WHOSE = describing.USER_NAME._replace(
    required=False,
    required_for="a caller with temporary credentials",
    default="the caller's own keys",
    missing=codes.missing("UserName"),
)
_KEY = Parameter("UserAccessKeyId", "The AccessKeyId of the key.", "WPZ1k0aq4m2zdQ8x1k0a", required=True)
_STATUS = Parameter(
    "Status",
    "Whether calls can be signed with it.",
    _INACTIVE,
    required=True,
    allowed=(_ACTIVE, _INACTIVE),
    invalid=codes.INVALID_STATUS,
)
_MEMBERS = describing.members(
    "the key", AccessKeyId="WPZ1k0aq4m2zdQ8x1k0a", Status=_ACTIVE, CreateDate="2026-11-23T03:46:08Z"
)

CREATE = describing.operation(
    "CreateAccessKey",
    "Makes an access key for a user. Its secret is in this answer and in no other.",
    (_WHOSE,),
    (
        Member(
            "AccessKey",
            "The key.",
            kind="object",
            members=(*_MEMBERS, Member("AccessKeySecret", "Its secret, shown this once.", "-")),
        ),
    ),
    (codes.NO_SUCH_USER, codes.LIMIT_EXCEEDED_USER_ACCESS_KEY),
)
UPDATE = describing.operation(
    "UpdateAccessKey",
    "Switches an access key on or off.",
    (_WHOSE, _KEY, _STATUS),
    errors=(codes.NO_SUCH_USER, codes.NO_SUCH_USER_ACCESS_KEY),
)
LIST = describing.operation(
    "ListAccessKeys",
    "Lists the access keys of a user, oldest first, without their secrets.",
    (_WHOSE,),
    (
        Member(
            "AccessKeys",
            "The keys.",
            kind="object",
            members=(Member("AccessKey", "One by one.", kind="array", members=_MEMBERS),),
        ),
    ),
    (codes.NO_SUCH_USER,),
)
DELETE = describing.operation(
    "DeleteAccessKey",
    "Deletes an access key.",
    (_WHOSE, _KEY),
    errors=(codes.NO_SUCH_USER, codes.NO_SUCH_USER_ACCESS_KEY),
)


def create(request: Request) -> Result:
    """Makes an access key.

    Raises:
        ApiError: the call's faults.
    """
    texts = _read(CREATE, request)
    key_id, secret = new_access_key_id(), new_secret()
    closed = request.box.encrypt(secret, key_id)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        user_id = _whose(known, request, texts)
        most = _MOST_OF_OWNER if user_id is None else _MOST
        if len(known.keys_of(request.caller.account_id, user_id)) >= most:
            said = f"there are {most} keys already; delete one first."
            raise changing.refusal(codes.LIMIT_EXCEEDED_USER_ACCESS_KEY, "UserName", said)
        key = AccessKey(
            id=key_id,
            account_id=request.caller.account_id,
            user_id=user_id,
            secret=closed,
            created_at=request.now,
        )
        changing.put(transaction, key)
        return {"AccessKey": _row(key) | {"AccessKeySecret": secret}}

    return changing.changing(request, change, changing.USERS, changing.KEYS)


def update(request: Request) -> Result:
    """Switches an access key.

    Raises:
        ApiError: the call's faults.
    """
    texts = _read(UPDATE, request)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        key = _own(known, request, texts)
        changing.put(transaction, msgspec.structs.replace(key, enabled=texts["Status"] == _ACTIVE))
        return {}

    return changing.changing(request, change, changing.USERS, changing.KEYS)


def list_(request: Request) -> Result:
    """Lists access keys.

    Raises:
        ApiError: the call's faults.
    """
    texts = _read(LIST, request)
    known = request.configuration.principals
    keys = known.keys_of(request.caller.account_id, _whose(known, request, texts))
    return Result({"AccessKeys": {"AccessKey": [_row(key) for key in keys]}})


def delete(request: Request) -> Result:
    """Deletes an access key.

    Raises:
        ApiError: the call's faults.
    """
    texts = _read(DELETE, request)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        transaction.remove_entries([entry_key(_own(known, request, texts))])
        return {}

    return changing.changing(request, change, changing.USERS, changing.KEYS)


def _read(operation: Operation, request: Request) -> dict[str, str]:
    texts, _ = describing.read(operation, request)
    if request.caller.session is not None and "UserName" not in texts:
        raise ApiError(
            codes.missing("UserName"), "A caller with temporary credentials has no keys of its own."
        )
    return texts


def _whose(known: Principals, request: Request, texts: Mapping[str, str]) -> str | None:
    if "UserName" in texts:
        return changing.user_named(known, request, texts["UserName"]).id
    return request.caller.user_id


def _own(known: Principals, request: Request, texts: Mapping[str, str]) -> AccessKey:
    user_id = _whose(known, request, texts)
    key = known.keys.get(texts["UserAccessKeyId"])
    if key is None or key.user_id != user_id:
        raise changing.absent(codes.NO_SUCH_USER_ACCESS_KEY, "UserAccessKeyId", texts["UserAccessKeyId"])
    return changing.changeable(key, f"The access key {quoted(key.id)}")


def _row(key: AccessKey) -> dict[str, str]:
    return {
        "AccessKeyId": key.id,
        "Status": _ACTIVE if key.enabled else _INACTIVE,
        "CreateDate": changing.wire_time(key.created_at),
    }


_OF_USER = changing.about(("user", "UserName"))

ENDPOINTS = tuple(
    Endpoint(described, handle, describing.LIMIT, unsubscribed=True, resources=_OF_USER)
    for described, handle in ((CREATE, create), (UPDATE, update), (LIST, list_), (DELETE, delete))
)
