"""Looks up users, roles and policies by name, in the account of the caller only."""

from typing import TypeVar

from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.model import codes
from waypost.model.access.principals import (
    SYSTEM,
    SYSTEM_POLICIES,
    AccessKey,
    AccountPolicy,
    Principals,
    Role,
    User,
)
from waypost.model.faults import Fault
from waypost.model.identifiers import AccountId
from waypost.model.quoting import quoted

P = TypeVar("P", User, Role, AccessKey, AccountPolicy)


def named_user(principals: Principals, account_id: AccountId, name: str) -> User:
    """The user of an account with that name.

    Raises:
        ApiError: EntityNotExist.User.
    """
    user = principals.user_named(account_id, name)
    if user is None:
        raise unknown_entry(codes.NO_SUCH_USER, "UserName", name)
    return user


def named_role(principals: Principals, account_id: AccountId, name: str) -> Role:
    """The role of an account with that name.

    Raises:
        ApiError: EntityNotExist.Role.
    """
    role = principals.role(account_id, name)
    if role is None:
        raise unknown_entry(codes.NO_SUCH_ROLE, "RoleName", name)
    return role


def named_policy(principals: Principals, account_id: AccountId, name: str) -> AccountPolicy:
    """The custom policy of an account with that name.

    Raises:
        ApiError: EntityNotExist.Policy.
    """
    policy = principals.policy(account_id, name)
    if policy is None:
        raise unknown_entry(codes.NO_SUCH_POLICY, "PolicyName", name)
    return policy


def changeable_user(principals: Principals, account_id: AccountId, name: str) -> User:
    """The user of an account with that name, if API calls may change it.

    Raises:
        ApiError: EntityNotExist.User; NoPermission if the operator declared it.
    """
    return changeable(named_user(principals, account_id, name), f"The user {quoted(name)}")


def changeable_role(principals: Principals, account_id: AccountId, name: str) -> Role:
    """The role of an account with that name, if API calls may change it.

    Raises:
        ApiError: EntityNotExist.Role; NoPermission if the operator declared it.
    """
    return changeable(named_role(principals, account_id, name), f"The role {quoted(name)}")


def changeable_policy(principals: Principals, account_id: AccountId, name: str) -> AccountPolicy:
    """The custom policy of an account with that name, if API calls may change it.

    Raises:
        ApiError: EntityNotExist.Policy; NoPermission if the operator declared it.
    """
    return changeable(named_policy(principals, account_id, name), f"The policy {quoted(name)}")


def changeable(entry: P, subject: str) -> P:
    """Returns the entry if API calls may change it.

    Args:
        subject: the entry in words, for the error: `The user 'alice'`.

    Raises:
        ApiError: NoPermission if the operator declared it.
    """
    if not entry.created_at:
        declared = f"{subject} is declared by the operator of this service, who alone can change it."
        raise ApiError(codes.NO_PERMISSION, declared)
    return entry


def existing_policy(
    principals: Principals, account_id: AccountId, policy_type: str, name: str
) -> AccountPolicy | None:
    """The custom policy of an account with that name; None for a system policy, which every account has.

    Raises:
        ApiError: EntityNotExist.Policy.
    """
    if policy_type != SYSTEM:
        return named_policy(principals, account_id, name)
    if name not in SYSTEM_POLICIES:
        raise unknown_entry(codes.NO_SUCH_POLICY, "PolicyName", name)
    return None


def unknown_entry(code: str, parameter: str, name: str) -> ApiError:
    """The error of a reference to an entry that the account does not have, whether or not another has it."""
    return from_faults([Fault(code, parameter, "does not exist", value=name)])
