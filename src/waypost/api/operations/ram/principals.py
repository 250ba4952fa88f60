"""The users, roles and policies that calls name, looked up in the caller's account alone."""

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
from waypost.model.quoting import quoted

P = TypeVar("P", User, Role, AccessKey, AccountPolicy)


def named_user(principals: Principals, account_id: str, name: str) -> User:
    """The user of an account that has a name.

    Raises:
        ApiError: EntityNotExist.User.
    """
    user = principals.user_named(account_id, name)
    if user is None:
        raise not_there(codes.NO_SUCH_USER, "UserName", name)
    return user


def named_role(principals: Principals, account_id: str, name: str) -> Role:
    """The role of an account that has a name.

    Raises:
        ApiError: EntityNotExist.Role.
    """
    role = principals.role(account_id, name)
    if role is None:
        raise not_there(codes.NO_SUCH_ROLE, "RoleName", name)
    return role


def named_policy(principals: Principals, account_id: str, name: str) -> AccountPolicy:
    """The policy of an account's own that has a name.

    Raises:
        ApiError: EntityNotExist.Policy.
    """
    policy = principals.policy(account_id, name)
    if policy is None:
        raise not_there(codes.NO_SUCH_POLICY, "PolicyName", name)
    return policy


def changeable_user(principals: Principals, account_id: str, name: str) -> User:
    """The user of an account that has a name, if calls may change it.

    Raises:
        ApiError: EntityNotExist.User; NoPermission, the operator declared it.
    """
    return changeable(named_user(principals, account_id, name), f"The user {quoted(name)}")


def changeable_role(principals: Principals, account_id: str, name: str) -> Role:
    """The role of an account that has a name, if calls may change it.

    Raises:
        ApiError: EntityNotExist.Role; NoPermission, the operator declared it.
    """
    return changeable(named_role(principals, account_id, name), f"The role {quoted(name)}")


def changeable_policy(principals: Principals, account_id: str, name: str) -> AccountPolicy:
    """The policy of an account that has a name, if calls may change it.

    Raises:
        ApiError: EntityNotExist.Policy; NoPermission, the operator declared it.
    """
    return changeable(named_policy(principals, account_id, name), f"The policy {quoted(name)}")


def changeable(entry: P, subject: str) -> P:
    """An entry, if calls may change it.

    Args:
        subject: what the error calls it, `The user 'alice'`.

    Raises:
        ApiError: NoPermission, the operator declared it.
    """
    if not entry.created_at:
        declared = f"{subject} is declared by the operator of this service, who alone can change it."
        raise ApiError(codes.NO_PERMISSION, declared)
    return entry


def check_policy_exists(principals: Principals, account_id: str, policy_type: str, name: str) -> None:
    """Refuses the name of a policy that is neither the account's own nor, of type System, everybody's.

    Raises:
        ApiError: EntityNotExist.Policy.
    """
    if policy_type != SYSTEM:
        named_policy(principals, account_id, name)
    elif name not in SYSTEM_POLICIES:
        raise not_there(codes.NO_SUCH_POLICY, "PolicyName", name)


def not_there(code: str, parameter: str, name: str) -> ApiError:
    """The error of naming what the account does not have, whether another one has it or nobody."""
    return from_faults([Fault(code, parameter, "is not there", value=name)])
