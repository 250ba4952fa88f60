"""Users: made, shown, changed, listed and deleted."""

from typing import Any

import msgspec

from waypost.api.description import Member, shown
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ram import changing, describing
from waypost.model.access.principals import Principals, User
from waypost.model.identifiers import new_entity_id
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

_MOST = 1000
_DETAILS = ("DisplayName", "Email", "MobilePhone", "Comments")
_EXAMPLES = {
    "DisplayName": "Alice",
    "Email": "alice@example.com",
    "MobilePhone": "86-18600008888",
    "Comments": "Sends the newsletter",
}
_MEMBERS = describing.members(
    "the user", UserId="216959339000654321", UserName="alice", **_EXAMPLES, CreateDate="2026-11-23T03:46:08Z"
)
_CHANGED = (*_MEMBERS, Member("UpdateDate", "When it was changed last.", "2026-11-23T03:46:08Z"))
_DETAIL_ROWS = tuple(
    describing.text(name, "Kept and shown again.", example) for name, example in _EXAMPLES.items()
)
_NEW_ROWS = tuple(
    describing.text(f"New{name}", f"Its {name} from now on.", example) for name, example in _EXAMPLES.items()
)

CREATE = describing.operation(
    "CreateUser",
    "Makes a user, who may do nothing until a policy is attached.",
    (describing.USER_NAME, *_DETAIL_ROWS),
    (Member("User", "The user.", kind="object", members=_MEMBERS),),
    ("EntityAlreadyExists.User", "LimitExceeded.User"),
)
GET = describing.operation(
    "GetUser",
    "Shows a user.",
    (describing.USER_NAME,),
    (
        Member(
            "User",
            "The user.",
            kind="object",
            members=(
                *_CHANGED,
                Member("LastLoginDate", "Always empty: there is no console to log on to.", ""),
            ),
        ),
    ),
    ("EntityNotExist.User",),
)
UPDATE = describing.operation(
    "UpdateUser",
    "Changes a user; what is left out stays. Its keys and policies stay with it under a new name.",
    (
        describing.USER_NAME,
        describing.text("NewUserName", "Its name from now on.", "alicia"),
        *_NEW_ROWS,
    ),
    (Member("User", "The user.", kind="object", members=_CHANGED),),
    ("EntityNotExist.User", "EntityAlreadyExists.User"),
)
LIST = describing.operation(
    "ListUsers",
    "Lists the users of the account, those that the operator declared too, by name.",
    (describing.MARKER, describing.MAX_ITEMS),
    (
        describing.IS_TRUNCATED,
        describing.NEXT_MARKER,
        Member(
            "Users",
            "The users.",
            kind="object",
            members=(Member("User", "One by one.", kind="array", members=_CHANGED),),
        ),
    ),
)
DELETE = describing.operation(
    "DeleteUser",
    "Deletes a user without keys and policies.",
    (describing.USER_NAME,),
    errors=("EntityNotExist.User", "DeleteConflict.User.AccessKey", "DeleteConflict.User.Policy"),
)


def create(request: Request) -> Result:
    """Makes a user.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(CREATE, request)
    user = User(
        id=new_entity_id(),
        account_id=request.caller.account_id,
        name=texts["UserName"],
        details={name: texts[name] for name in _DETAILS if name in texts},
        created_at=request.now,
        updated_at=request.now,
    )

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        _check_free(known, request, user.name, "UserName")
        if len(known.users) >= _MOST:
            raise changing.refusal("LimitExceeded.User", "UserName", f"the account has {_MOST} users.")
        changing.put(transaction, user)
        return {"User": _row(user)}

    return changing.changing(request, change, changing.USERS, changing.KEYS)


def get(request: Request) -> Result:
    """Shows a user.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(GET, request)
    user = changing.user_named(request.configuration.principals, request, texts["UserName"])
    return Result({"User": _whole_row(user) | {"LastLoginDate": ""}})


def update(request: Request) -> Result:
    """Changes a user.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(UPDATE, request)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        user = _changeable(known, request, texts["UserName"])
        name = texts.get("NewUserName", user.name)
        if name != user.name:
            _check_free(known, request, name, "NewUserName")
        given = {name: texts[f"New{name}"] for name in _DETAILS if f"New{name}" in texts}
        changed = msgspec.structs.replace(
            user, name=name, details=user.details | given, updated_at=request.now
        )
        changing.put(transaction, changed)
        return {"User": _whole_row(changed)}

    return changing.changing(request, change, changing.USERS, changing.KEYS)


def list_(request: Request) -> Result:
    """Lists users.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers = describing.read(LIST, request)
    users = request.configuration.principals.users_of(request.caller.account_id)
    part, end = changing.listed([(user.user_name, user) for user in users], texts, numbers)
    return Result({**end, "Users": {"User": [_whole_row(user) for user in part]}})


def delete(request: Request) -> Result:
    """Deletes a user.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(DELETE, request)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        user = _changeable(known, request, texts["UserName"])
        keys = known.keys_of(user.account_id, user.id)
        if keys:
            said = f"it has the access keys {', '.join(key.id for key in keys)}."
            raise changing.refusal("DeleteConflict.User.AccessKey", "UserName", said)
        if user.attached:
            said = f"it has the policies {', '.join(each.policy for each in user.attached)}."
            raise changing.refusal("DeleteConflict.User.Policy", "UserName", said)
        transaction.remove_entries([entry_key(user)])
        return {}

    return changing.changing(request, change, changing.USERS, changing.KEYS)


def _changeable(known: Principals, request: Request, name: str) -> User:
    return changing.changeable(changing.user_named(known, request, name), f"The user {shown(name)}")


def _check_free(known: Principals, request: Request, name: str, parameter: str) -> None:
    if known.user_named(request.caller.account_id, name) is not None:
        raise changing.refusal("EntityAlreadyExists.User", parameter, f"{shown(name)} is there already.")


def _row(user: User) -> dict[str, str]:
    return {
        "UserId": user.id,
        "UserName": user.user_name,
        **{name: user.details.get(name, "") for name in _DETAILS},
        "CreateDate": changing.wire_time(user.created_at),
    }


def _whole_row(user: User) -> dict[str, str]:
    return _row(user) | {"UpdateDate": changing.wire_time(user.updated_at)}


_USER = changing.about(("user", "UserName"))
_ALL_USERS = changing.about(("user", ""))

ENDPOINTS = tuple(
    Endpoint(described, handle, describing.LIMIT, unsubscribed=True, resources=resources)
    for described, handle, resources in (
        (CREATE, create, _USER),
        (GET, get, _USER),
        (UPDATE, update, _USER),
        (LIST, list_, _ALL_USERS),
        (DELETE, delete, _USER),
    )
)
