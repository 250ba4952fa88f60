"""Looks up access keys of the user in UserName or, without that parameter, of the caller."""

from typing import Annotated, Any

from waypost.api.caller import Caller
from waypost.api.description import Parameter
from waypost.api.errors.catalogue import ApiError
from waypost.api.operations.endpoint import Request
from waypost.api.operations.ram.principals import changeable, named_user, unknown_entry
from waypost.api.operations.ram.text_rules import USER_NAME
from waypost.model import codes
from waypost.model.access.principals import AccessKey, Principals
from waypost.model.quoting import quoted

KeyOwnerName = Annotated[
    str,
    USER_NAME._replace(
        required=False,
        required_for="a caller with temporary credentials",
        default="the caller's own keys",
        missing=codes.missing("UserName"),
    ),
]
KeyId = Annotated[
    str, Parameter("UserAccessKeyId", "The AccessKeyId of the key.", "WPZ1k0aq4m2zdQ8x1k0a", required=True)
]


def refuse_without_owner(request: Request[Any], user_name: str) -> None:
    """Refuses a call that has faults, or that omits UserName although its caller has no keys of its own.

    Args:
        user_name: the parameter UserName; empty for the caller's own keys.

    Raises:
        ApiError: a parameter is invalid; MissingUserName, for a caller with temporary credentials.
    """
    request.refuse()
    if request.caller.session is not None and not user_name:
        raise ApiError(
            codes.missing("UserName"), "A caller with temporary credentials has no keys of its own."
        )


def key_owner(principals: Principals, caller: Caller, user_name: str) -> str | None:
    """The id of the user who owns the keys; None for the owner of the account.

    Raises:
        ApiError: EntityNotExist.User.
    """
    if user_name:
        return named_user(principals, caller.account_id, user_name).id
    return caller.user_id


def changeable_key(principals: Principals, caller: Caller, user_name: str, key_id: str) -> AccessKey:
    """The access key of that user, if API calls may change it.

    Raises:
        ApiError: EntityNotExist.User; EntityNotExist.User.AccessKey, also for a key of another user;
            NoPermission if the operator declared it.
    """
    user_id = key_owner(principals, caller, user_name)
    key = principals.keys.get(key_id)
    if key is None or (key.account_id, key.user_id) != (caller.account_id, user_id):
        raise unknown_entry(codes.NO_SUCH_USER_ACCESS_KEY, "UserAccessKeyId", key_id)
    return changeable(key, f"The access key {quoted(key.id)}")
