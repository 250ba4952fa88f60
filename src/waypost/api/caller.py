"""Who calls, and whether they may."""

from datetime import UTC, datetime
from typing import NamedTuple

from waypost.api.errors import ApiError
from waypost.model.access import access_denied_detail, decide
from waypost.model.directory import Directory


class Caller(NamedTuple):
    """The owner of an access key.

    Attributes:
        user_id: None for the account's owner.
    """

    account_id: str
    user_id: str | None


def authorise(
    caller: Caller,
    action: str,
    directory: Directory,
    *,
    peer: str,
    secure: bool,
    now_s: float,
    unsubscribed: bool = False,
    resource: str = "",
) -> None:
    """Lets the caller do `action` (`cams:SendChatappMessage`), or refuses.

    Args:
        peer: the address the call came from.
        secure: whether it came over TLS.
        now_s: real time, Unix seconds.
        unsubscribed: whether an account without the service may call it too.
        resource: what it is done to; all of the account when empty.

    Raises:
        ApiError: `Product.Unsubscript`, or `Ram.PermissionDeny` with its AccessDeniedDetail.
    """
    account = directory.accounts.get(caller.account_id)
    if account is None or not (account.subscribed or unsubscribed):
        raise ApiError("Product.Unsubscript")
    if caller.user_id is None:
        return
    resource = resource or f"acs:cams:*:{caller.account_id}:*"
    context = {
        "acs:SourceIp": peer,
        "acs:SecureTransport": "true" if secure else "false",
        "acs:CurrentTime": datetime.fromtimestamp(now_s, UTC).isoformat(),
    }
    decision = decide(directory.policies(caller.user_id), action, resource, context)
    if not decision.allowed:
        raise ApiError(
            "Ram.PermissionDeny",
            access_denied_detail=access_denied_detail(decision, action, caller.account_id, caller.user_id),
        )
