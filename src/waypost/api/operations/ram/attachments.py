"""Which policies are attached to whom."""

from collections.abc import Callable
from typing import Any

import msgspec

from waypost.api.description import Member, Operation, shown, without_effect
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ram import changing, describing
from waypost.model.access.principals import (
    CUSTOM,
    INLINE,
    SYSTEM_POLICIES,
    Attachment,
    Principals,
    Role,
    User,
)
from waypost.storage.contract import Transaction

_MOST = 20
Holder = Callable[[Principals, Request, dict[str, str]], User | Role]
_POLICY_ROWS = (
    describing.POLICY_TYPE,
    describing.POLICY_NAME,
    *without_effect("ResourceGroupId"),
)
_AT = Member("AttachDate", "When it was attached.", "2026-11-23T03:46:08Z")
_POLICIES = (
    Member(
        "Policies",
        "The policies.",
        kind="object",
        members=(
            Member(
                "Policy",
                "One by one.",
                kind="array",
                members=(
                    Member("PolicyName", "Its name.", "senders"),
                    Member(
                        "PolicyType", "Custom, System, or Inline for one in the operator's settings.", CUSTOM
                    ),
                    Member("Description", "Its description.", "May send"),
                    Member("DefaultVersion", "The version that decides.", "v1"),
                    _AT,
                ),
            ),
        ),
    ),
)

ATTACH_TO_USER = describing.operation(
    "AttachPolicyToUser",
    "Attaches a policy to a user; it decides from the next call on.",
    (describing.USER_NAME, *_POLICY_ROWS),
    errors=(
        "EntityNotExist.User",
        "EntityNotExist.Policy",
        "EntityAlreadyExists.User.Policy",
        "LimitExceeded.User.Policy",
    ),
)
DETACH_FROM_USER = describing.operation(
    "DetachPolicyFromUser",
    "Detaches a policy from a user.",
    (describing.USER_NAME, *_POLICY_ROWS),
    errors=("EntityNotExist.User", "EntityNotExist.User.Policy"),
)
LIST_FOR_USER = describing.operation(
    "ListPoliciesForUser",
    "Lists the policies of a user.",
    (describing.USER_NAME,),
    _POLICIES,
    ("EntityNotExist.User",),
)
ATTACH_TO_ROLE = describing.operation(
    "AttachPolicyToRole",
    "Attaches a policy to a role; it decides from the next call on, in sessions that are under way too.",
    (describing.ROLE_NAME, *_POLICY_ROWS),
    errors=(
        "EntityNotExist.Role",
        "EntityNotExist.Policy",
        "EntityAlreadyExists.Role.Policy",
        "LimitExceeded.Role.Policy",
    ),
)
DETACH_FROM_ROLE = describing.operation(
    "DetachPolicyFromRole",
    "Detaches a policy from a role, for sessions that are under way too.",
    (describing.ROLE_NAME, *_POLICY_ROWS),
    errors=("EntityNotExist.Role", "EntityNotExist.Role.Policy"),
)
LIST_FOR_ROLE = describing.operation(
    "ListPoliciesForRole",
    "Lists the policies of a role.",
    (describing.ROLE_NAME,),
    _POLICIES,
    ("EntityNotExist.Role",),
)
LIST_ENTITIES = describing.operation(
    "ListEntitiesForPolicy",
    "Lists the users and roles that a policy is attached to.",
    (describing.POLICY_TYPE, describing.POLICY_NAME),
    (
        Member(
            "Users",
            "The users.",
            kind="object",
            members=(
                Member(
                    "User",
                    "One by one.",
                    kind="array",
                    members=(
                        *describing.members("the user", UserId="2", UserName="alice", DisplayName="Alice"),
                        _AT,
                    ),
                ),
            ),
        ),
        Member(
            "Roles",
            "The roles.",
            kind="object",
            members=(
                Member(
                    "Role",
                    "One by one.",
                    kind="array",
                    members=(
                        *describing.members(
                            "the role",
                            RoleId="3",
                            RoleName="courier",
                            Arn="acs:ram::1:role/courier",
                            Description="",
                        ),
                        _AT,
                    ),
                ),
            ),
        ),
        Member(
            "Groups",
            "Always empty: there are no groups.",
            kind="object",
            members=(Member("Group", "None.", kind="array"),),
        ),
    ),
    ("EntityNotExist.Policy",),
)


def attaching(described: Operation, kind: str, holder: Holder) -> Callable[[Request], Result]:
    """The handler of a call that attaches a policy.

    Args:
        kind: of whom it is attached to.
        holder: finds them by the call's parameters.
    """

    def attach(request: Request) -> Result:
        texts, _ = describing.read(described, request)

        def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
            return _attach(known, transaction, request, texts, holder(known, request, texts))

        return changing.changing(request, change, kind, policy=texts["PolicyName"])

    return attach


def detaching(described: Operation, kind: str, holder: Holder) -> Callable[[Request], Result]:
    """The handler of a call that detaches a policy; the arguments are those of `attaching`."""

    def detach(request: Request) -> Result:
        texts, _ = describing.read(described, request)

        def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
            return _detach(transaction, texts, holder(known, request, texts))

        return changing.changing(request, change, kind)

    return detach


def list_for_user(request: Request) -> Result:
    """Lists the policies of a user.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(LIST_FOR_USER, request)
    known = request.configuration.principals
    user = changing.user_named(known, request, texts["UserName"])
    declared = [_row(known, user.account_id, Attachment(INLINE, name)) for name in user.policies]
    return _listed(declared + [_row(known, user.account_id, each) for each in user.attached])


def list_for_role(request: Request) -> Result:
    """Lists the policies of a role.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(LIST_FOR_ROLE, request)
    known = request.configuration.principals
    role = changing.role_named(known, request, texts["RoleName"])
    return _listed([_row(known, role.account_id, each) for each in role.attached])


def list_entities(request: Request) -> Result:
    """Lists whom a policy is attached to.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(LIST_ENTITIES, request)
    known, kind, name = request.configuration.principals, texts["PolicyType"], texts["PolicyName"]
    _check_there(known, request, kind, name)
    users, roles = [], []
    for holder in known.attached_to(request.caller.account_id, kind, name):
        at = next(each.at for each in holder.attached if (each.kind, each.policy) == (kind, name))
        if isinstance(holder, User):
            users.append(
                {
                    "UserId": holder.id,
                    "UserName": holder.user_name,
                    "DisplayName": holder.details.get("DisplayName", ""),
                    "AttachDate": changing.wire_time(at),
                }
            )
        else:
            roles.append(
                {
                    "RoleId": holder.id,
                    "RoleName": holder.name,
                    "Arn": holder.arn,
                    "Description": holder.description,
                    "AttachDate": changing.wire_time(at),
                }
            )
    return Result({"Users": {"User": users}, "Roles": {"Role": roles}, "Groups": {"Group": []}})


def _attach(
    known: Principals,
    transaction: Transaction,
    request: Request,
    texts: dict[str, str],
    holder: User | Role,
) -> dict[str, Any]:
    kind, name = texts["PolicyType"], texts["PolicyName"]
    _check_there(known, request, kind, name)
    what = "User" if isinstance(holder, User) else "Role"
    if any((each.kind, each.policy) == (kind, name) for each in holder.attached):
        said = f"{shown(name)} is attached already."
        raise changing.refusal(f"EntityAlreadyExists.{what}.Policy", "PolicyName", said)
    if len(holder.attached) >= _MOST:
        said = f"{_MOST} policies are attached already."
        raise changing.refusal(f"LimitExceeded.{what}.Policy", "PolicyName", said)
    attached = (*holder.attached, Attachment(kind, name, request.now))
    changing.put(transaction, msgspec.structs.replace(holder, attached=attached))
    return {}


def _detach(transaction: Transaction, texts: dict[str, str], holder: User | Role) -> dict[str, Any]:
    kind, name = texts["PolicyType"], texts["PolicyName"]
    left = tuple(each for each in holder.attached if (each.kind, each.policy) != (kind, name))
    if len(left) == len(holder.attached):
        what = "User" if isinstance(holder, User) else "Role"
        raise changing.refusal(
            f"EntityNotExist.{what}.Policy", "PolicyName", f"{shown(name)} is not attached."
        )
    changing.put(transaction, msgspec.structs.replace(holder, attached=left))
    return {}


def _user(known: Principals, request: Request, texts: dict[str, str]) -> User:
    user = changing.user_named(known, request, texts["UserName"])
    return changing.changeable(user, f"The user {shown(user.user_name)}")


def _role(known: Principals, request: Request, texts: dict[str, str]) -> Role:
    role = changing.role_named(known, request, texts["RoleName"])
    return changing.changeable(role, f"The role {shown(role.name)}")


def _check_there(known: Principals, request: Request, kind: str, name: str) -> None:
    if kind == CUSTOM:
        changing.policy_named(known, request, name)
    elif name not in SYSTEM_POLICIES:
        raise changing.absent("EntityNotExist.Policy", "PolicyName", name)


def _listed(rows: list[dict[str, str]]) -> Result:
    return Result({"Policies": {"Policy": rows}})


def _row(known: Principals, account_id: str, attachment: Attachment) -> dict[str, str]:
    policy = known.policy(account_id, attachment.policy) if attachment.kind == CUSTOM else None
    if policy is not None:
        description, version = policy.description, policy.default
    else:
        description, version = SYSTEM_POLICIES.get(attachment.policy, ("", ""))[0], "v1"
    return {
        "PolicyName": attachment.policy,
        "PolicyType": attachment.kind,
        "Description": description,
        "DefaultVersion": version,
        "AttachDate": changing.wire_time(attachment.at),
    }


_USER_AND_POLICY = changing.about(("user", "UserName"), ("policy", "PolicyName"))
_ROLE_AND_POLICY = changing.about(("role", "RoleName"), ("policy", "PolicyName"))

ENDPOINTS = tuple(
    Endpoint(described, handle, describing.LIMIT, unsubscribed=True, resources=resources)
    for described, handle, resources in (
        (ATTACH_TO_USER, attaching(ATTACH_TO_USER, changing.USERS, _user), _USER_AND_POLICY),
        (DETACH_FROM_USER, detaching(DETACH_FROM_USER, changing.USERS, _user), _USER_AND_POLICY),
        (LIST_FOR_USER, list_for_user, changing.about(("user", "UserName"))),
        (ATTACH_TO_ROLE, attaching(ATTACH_TO_ROLE, changing.ROLES, _role), _ROLE_AND_POLICY),
        (DETACH_FROM_ROLE, detaching(DETACH_FROM_ROLE, changing.ROLES, _role), _ROLE_AND_POLICY),
        (LIST_FOR_ROLE, list_for_role, changing.about(("role", "RoleName"))),
        (LIST_ENTITIES, list_entities, changing.about(("policy", "PolicyName"))),
    )
)
