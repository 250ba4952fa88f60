"""The caller of a request, and the check that policies allow the call."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from waypost.api.denial import access_denied_detail
from waypost.api.errors.catalogue import ApiError
from waypost.api.product import CAMS
from waypost.model import codes
from waypost.model.access.policy import AccessDecision, Policy, decide_access, decide_session
from waypost.model.configuration import Configuration
from waypost.model.identifiers import AccountId

READ_QUEUE_ACTIONS = frozenset(
    f"mns:{operation}"
    for operation in (
        "ReceiveMessage",
        "BatchReceiveMessage",
        "PeekMessage",
        "BatchPeekMessage",
        "ChangeMessageVisibility",
        "DeleteMessage",
        "BatchDeleteMessage",
    )
)
"""The actions that a token of QueryTokenForMnsQueue allows."""


class Session(NamedTuple):
    """A session of a role, which temporary credentials belong to.

    Attributes:
        role_id: the id of the role, which distinguishes it from a later role of the same name.
        name: the RoleSessionName.
        policy: restricts the session; None if it has all permissions of its role.
    """

    role_id: str
    role_name: str
    name: str
    policy: Policy | None


class Caller(NamedTuple):
    """The owner of the access key that signed a request.

    Attributes:
        user_id: None for the owner of the account, and for a session.
        session: the session of a temporary access key; None for a permanent key.
        queue: the queue that a token of QueryTokenForMnsQueue is for, which may be read and nothing else be
            done; empty for any other key. `user_id` and `session` say who asked for it.
    """

    account_id: AccountId
    user_id: str | None
    session: Session | None = None
    queue: str = ""

    @property
    def is_owner(self) -> bool:
        """Whether it is the owner of the account, who needs no permissions."""
        return self.user_id is None and self.session is None and not self.queue


class Origin(msgspec.Struct, frozen=True):
    """Where and when a call came from: what the conditions of policies refer to, and what is kept on record.

    Attributes:
        peer: the address it came from.
        secure: whether it came over TLS.
        now_s: real time, Unix seconds.
        request_id: the RequestId of the call.
        access_key_id: the key that signed it.
    """

    peer: str
    secure: bool
    now_s: float
    request_id: str = ""
    access_key_id: str = ""

    def context(self) -> dict[str, str]:
        """Condition keys to values, with the names of `waypost.model.access.conditions.KEYS`."""
        return {
            "acs:SourceIp": self.peer,
            "acs:SecureTransport": "true" if self.secure else "false",
            "acs:CurrentTime": datetime.fromtimestamp(self.now_s, UTC).isoformat(),
        }


class Access(msgspec.Struct, frozen=True):
    """What a caller needs to carry out an operation.

    Attributes:
        operation: its name in the rate limits.
        action: its action in policies, `cams:SendChatappMessage`.
        denied: the error code of a missing permission.
        unsubscribed: whether an account that is not subscribed to the service may call it too.
        anyone: whether no permission is needed.
    """

    operation: str
    action: str
    denied: str = CAMS.denied
    unsubscribed: bool = False
    anyone: bool = False


def authorise(
    caller: Caller,
    access: Access,
    configuration: Configuration,
    origin: Origin,
    resources: Callable[[Configuration], Sequence[str]],
) -> None:
    """Checks that the caller may carry out an operation.

    Args:
        resources: returns the resources of the call (arns), each of which must be allowed; empty for the
            account as a whole.

    Raises:
        ApiError: `Product.Unsubscript`, or `access.denied` with its AccessDeniedDetail.
    """
    account = configuration.accounts.get(caller.account_id)
    if account is None or not (account.subscribed or access.unsubscribed):
        raise ApiError(codes.UNSUBSCRIPT)
    if caller.is_owner:
        return
    action, denied = access.action, access.denied
    if caller.session is not None:
        role = configuration.principals.role(caller.account_id, caller.session.role_name)
        if role is None or role.id != caller.session.role_id:
            raise ApiError(denied, "The role of this session does not exist any more.")
    if caller.queue:
        _authorise_queue_token(caller, action, configuration, resources(configuration), denied)
        return
    if access.anyone:
        return
    context = origin.context()
    product = action.partition(":")[0]
    for resource in resources(configuration) or (f"acs:{product}:*:{caller.account_id}:*",):
        decision = _decide_access(caller, action, configuration, resource, context)
        if not decision.allowed:
            raise ApiError(
                denied,
                access_denied_detail=access_denied_detail(
                    decision, action, caller.account_id, *principal_name(caller, configuration)
                ),
            )


def _authorise_queue_token(
    caller: Caller, action: str, configuration: Configuration, resources: Sequence[str], denied: str
) -> None:
    """Checks what a token of QueryTokenForMnsQueue may do: read its queue, while who asked for it exists.

    Raises:
        ApiError: `denied`.
    """
    if caller.user_id is not None and caller.user_id not in configuration.users:
        raise ApiError(denied, "The user of this token does not exist any more.")
    queue = f"acs:mns:*:{caller.account_id}:/queues/{caller.queue}/messages"
    if action not in READ_QUEUE_ACTIONS or tuple(resources) != (queue,):
        raise ApiError(denied, f"This token is for reading the queue {caller.queue} alone.")


class PrincipalName(NamedTuple):
    """The name of a caller other than the owner, for answers.

    Attributes:
        type: `SubUser` or `AssumedRoleUser`, the AuthPrincipalType of AccessDeniedDetail.
        display_name: the user's name, or `<role>:<session>`.
    """

    type: str
    display_name: str


def principal_name(caller: Caller, configuration: Configuration) -> PrincipalName:
    """The name of a caller other than the owner; for a deleted user, the id."""
    if caller.session is not None:
        return PrincipalName("AssumedRoleUser", f"{caller.session.role_name}:{caller.session.name}")
    assert caller.user_id is not None
    user = configuration.users.get(caller.user_id)
    return PrincipalName("SubUser", user.user_name if user is not None else caller.user_id)


def _decide_access(
    caller: Caller, action: str, configuration: Configuration, resource: str, context: dict[str, str]
) -> AccessDecision:
    if caller.session is not None:
        policies = configuration.principals.policies_for_role(caller.account_id, caller.session.role_name)
        return decide_session(policies, caller.session.policy, action, resource, context)
    assert caller.user_id is not None
    return decide_access(configuration.policies(caller.user_id), action, resource, context)
