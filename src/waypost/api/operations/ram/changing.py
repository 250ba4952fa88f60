"""How the ram operations look at an account and change it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from waypost.api.caller import Caller
from waypost.api.description import shown
from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.api.operations.endpoint import Request, Result
from waypost.model.access.policy import PolicyError, parse_policy
from waypost.model.access.principals import AccessKey, AccountPolicy, Principal, Principals, Role, User
from waypost.model.access.trust import parse_trust
from waypost.model.configuration import Configuration
from waypost.model.faults import Fault
from waypost.storage.contract import Transaction
from waypost.storage.rows import policy_key

ORIGIN = "api"
USERS, KEYS, ROLES = "user", "key", "role"
"""What changes look at, by the kinds of the store."""

T = TypeVar("T")
P = TypeVar("P", User, Role, AccessKey, AccountPolicy)
Resources = Callable[[Mapping[str, str], Caller, Configuration], Sequence[str]]


def changing(
    request: Request,
    change: Callable[[Principals, Transaction], dict[str, Any]],
    *kinds: str,
    policy: str = "",
) -> Result:
    """A call that changes what its account has.

    Args:
        change: given what there is as the transaction finds it, so that of two calls in one moment the second
            one meets what the first one made; returns the answer, or raises `ApiError`.
        kinds: of what the change looks at: all the account has of them (`USERS`, `KEYS`, `ROLES`).
        policy: the name of the one policy that it looks at; an account can have megabytes of them.
    """
    account_id = request.caller.account_id

    def write(transaction: Transaction) -> Mapping[str, Any]:
        known = Principals()
        found = [entry for kind in kinds for entry in transaction.entries_of(kind, account_id)]
        named = transaction.entry(policy_key(account_id, policy)) if policy else None
        for entry in (*found, named) if named is not None else found:
            assert isinstance(entry, Principal)
            known.add(entry)
        return change(known, transaction)

    return Result({}, write, reconfigures=True)


def put(transaction: Transaction, entry: Principal) -> None:
    """Writes an entry that a call made or changed."""
    transaction.put_entries([entry], ORIGIN)


def user_named(known: Principals, request: Request, name: str) -> User:
    """A user of the caller's account.

    Raises:
        ApiError: there is none.
    """
    user = known.user_named(request.caller.account_id, name)
    if user is None:
        raise absent("EntityNotExist.User", "UserName", name)
    return user


def role_named(known: Principals, request: Request, name: str) -> Role:
    """A role of the caller's account.

    Raises:
        ApiError: there is none.
    """
    role = known.role(request.caller.account_id, name)
    if role is None:
        raise absent("EntityNotExist.Role", "RoleName", name)
    return role


def policy_named(known: Principals, request: Request, name: str) -> AccountPolicy:
    """A policy of the caller's account.

    Raises:
        ApiError: there is none.
    """
    policy = known.policy(request.caller.account_id, name)
    if policy is None:
        raise absent("EntityNotExist.Policy", "PolicyName", name)
    return policy


def policy_to_change(known: Principals, request: Request, name: str) -> AccountPolicy:
    """A policy of the caller's account that calls may change.

    Raises:
        ApiError: there is none, or the operator declared it.
    """
    return changeable(policy_named(known, request, name), f"The policy {shown(name)}")


def changeable(entry: P, what: str) -> P:
    """Lets an entry be changed that the operator did not declare.

    Raises:
        ApiError: the operator did.
    """
    if not entry.created_at:
        text = f"{what} is declared by the operator of this service, who alone can change it."
        raise ApiError("NoPermission", text)
    return entry


def absent(code: str, parameter: str, value: str) -> ApiError:
    """The error for what the account does not have."""
    return refusal(code, parameter, f"{shown(value)} is not there.")


def refusal(code: str, parameter: str, said: str) -> ApiError:
    """An error about one parameter."""
    return from_faults([Fault(code, parameter, said)])


def check_policy(parameter: str, name: str, document: str) -> None:
    """Refuses a document that is no policy.

    Raises:
        ApiError: MalformedPolicyDocument, with the place in it.
    """
    try:
        parse_policy(name, _read(document))
    except PolicyError as error:
        raise refusal("MalformedPolicyDocument", parameter, f"{error}.") from None


def check_trust(parameter: str, document: str) -> None:
    """Refuses a document that is no trust policy.

    Raises:
        ApiError: MalformedPolicyDocument, with the place in it.
    """
    try:
        parse_trust(_read(document))
    except PolicyError as error:
        raise refusal("MalformedPolicyDocument", parameter, f"{error}.") from None


def wire_time(moment: int) -> str:
    """A time as the answers of ram have it, `2015-01-23T12:33:18Z`; empty for none."""
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def listed(
    rows: Sequence[tuple[str, T]], texts: Mapping[str, str], numbers: Mapping[str, int]
) -> tuple[list[T], dict[str, Any]]:
    """The part of a list that a call asked for, and the members that tell where it ends.

    Args:
        rows: in the order of their names, which the Markers are: what is made or deleted meanwhile neither
            repeats a row nor loses one.
    """
    most = numbers.get("MaxItems", 100)
    rest = [row for row in rows if row[0] > texts.get("Marker", "")]
    more = len(rest) > most
    part = rest[:most]
    return [row for _, row in part], {"IsTruncated": more, "Marker": part[-1][0] if more else ""}


def about(*parts: tuple[str, str]) -> Resources:
    """What a call is about, for policies: `user/alice` for ("user", "UserName"), `user/*` without one."""

    def resources(given: Mapping[str, str], caller: Caller, configuration: Configuration) -> Sequence[str]:
        return tuple(
            f"acs:ram:*:{_owner(part, given, caller)}:{part}/{_name(parameter, given, caller, configuration)}"
            for part, parameter in parts
        )

    return resources


def _owner(part: str, given: Mapping[str, str], caller: Caller) -> str:
    return (
        "system"
        if part == "policy" and given.get("PolicyType", "").lower() == "system"
        else caller.account_id
    )


def _name(parameter: str, given: Mapping[str, str], caller: Caller, configuration: Configuration) -> str:
    name = given.get(parameter, "")
    if not name and parameter == "UserName" and caller.user_id is not None:
        user = configuration.users.get(caller.user_id)
        name = user.user_name if user is not None else ""
    return name or "*"


def _read(document: str) -> Any:
    try:
        return msgspec.json.decode(document)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"it is not JSON: {error}") from None
