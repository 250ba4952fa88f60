"""Who made a call, and whether their policies allow it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from waypost.api.denial import access_denied_detail
from waypost.api.errors.catalogue import ApiError
from waypost.api.product import CAMS
from waypost.model import codes
from waypost.model.access.policy import AccessDecision, Policy, decide_access, decide_session
from waypost.model.configuration import Configuration


class Session(NamedTuple):
    """A session of a role, as its temporary access key has it.

    Attributes:
        role_id: the role's id, which tells it from a later role of the same name.
        name: the RoleSessionName.
        policy: what narrows it; None for a session as wide as its role.
    """

    role_id: str
    role_name: str
    name: str
    policy: Policy | None


class Caller(NamedTuple):
    """The owner of an access key.

    Attributes:
        user_id: None for the account's owner, and for a session.
        session: of a temporary access key; None for a lasting one.
    """

    account_id: str
    user_id: str | None
    session: Session | None = None

    @property
    def is_owner(self) -> bool:
        """Whether it is the account's owner, who may do everything."""
        return self.user_id is None and self.session is None


class Origin(NamedTuple):
    """Where a call came from, and when: what the conditions of policies are about.

    Attributes:
        peer: the address it came from.
        secure: whether it came over TLS.
        now_s: real time, Unix seconds.
    """

    peer: str
    secure: bool
    now_s: float

    def context(self) -> dict[str, str]:
        """The values of the conditions' keys, by the names of `waypost.model.access.conditions.KEYS`."""
        return {
            "acs:SourceIp": self.peer,
            "acs:SecureTransport": "true" if self.secure else "false",
            "acs:CurrentTime": datetime.fromtimestamp(self.now_s, UTC).isoformat(),
        }


def authorise(
    caller: Caller,
    action: str,
    configuration: Configuration,
    origin: Origin,
    *,
    resources: Sequence[str] = (),
    denied: str = CAMS.denied,
    unsubscribed: bool = False,
    anyone: bool = False,
) -> None:
    """Lets the caller do `action` (`cams:SendChatappMessage`), or refuses.

    Args:
        resources: what the call is about, each of which has to be allowed; empty for the account as a whole.
        denied: the code of a refusal for want of permission.
        unsubscribed: whether an account without the service may call it too.
        anyone: whether no permission is needed.

    Raises:
        ApiError: `Product.Unsubscript`, or `denied` with its AccessDeniedDetail.
    """
    account = configuration.accounts.get(caller.account_id)
    if account is None or not (account.subscribed or unsubscribed):
        raise ApiError(codes.UNSUBSCRIPT)
    if caller.is_owner:
        return
    if caller.session is not None:
        role = configuration.principals.role(caller.account_id, caller.session.role_name)
        if role is None or role.id != caller.session.role_id:
            raise ApiError(denied, "The role of this session does not exist any more.")
    if anyone:
        return
    context = origin.context()
    product = action.partition(":")[0]
    for resource in resources or (f"acs:{product}:*:{caller.account_id}:*",):
        decision = _decide_access(caller, action, configuration, resource, context)
        if not decision.allowed:
            raise ApiError(
                denied,
                access_denied_detail=access_denied_detail(
                    decision, action, caller.account_id, *principal_name(caller, configuration)
                ),
            )


class PrincipalName(NamedTuple):
    """How a caller that is no owner is named in answers.

    Attributes:
        type: `SubUser` or `AssumedRoleUser`, as AccessDeniedDetail has it.
        display_name: the user's name, or `<role>:<session>`.
    """

    type: str
    display_name: str


def principal_name(caller: Caller, configuration: Configuration) -> PrincipalName:
    """The name of a caller that is no owner; a user deleted meanwhile is named by its id."""
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
