"""Roles: made, shown, listed, changed and deleted. They are assumed by AssumeRole, of sts."""

from typing import Any

import msgspec

from waypost.api.description import Kind, Member, Parameter, shown, without_effect
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ram import changing, describing
from waypost.model.access.principals import Principals, Role
from waypost.model.identifiers import new_entity_id
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

_MOST = 1000
SHORTEST_MAXIMUM, LONGEST = 3600, 43200
_TRUST_EXAMPLE = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"RAM":["acs:ram::1:root"]}}]}'
)
_MEMBERS = (
    *describing.members(
        "the role",
        RoleId="306820913600512345",
        RoleName="courier",
        Arn="acs:ram::1:role/courier",
        Description="",
        CreateDate="2026-11-23T03:46:08Z",
    ),
    Member("MaxSessionDuration", "How long a session can be, seconds.", kind="integer"),
    Member("AllowConsoleLogin", "Always false: there is no console to log on to.", kind="boolean"),
)
_TRUST = Member("AssumeRolePolicyDocument", "Who may assume it.", _TRUST_EXAMPLE)
_AT = Member("UpdateDate", "When it was changed last.", "2026-11-23T03:46:08Z")


def _longest(name: str) -> Parameter:
    return Parameter(
        name,
        Kind.INTEGER,
        "How long a session can be at most, in seconds.",
        "3600",
        minimum=SHORTEST_MAXIMUM,
        maximum=LONGEST,
        invalid="InvalidParameter.MaxSessionDuration",
    )


def _one(*more: Member) -> tuple[Member, ...]:
    return (Member("Role", "The role.", kind="object", members=(*_MEMBERS, *more)),)


CREATE = describing.operation(
    "CreateRole",
    "Makes a role, for those to assume whom its trust policy names.",
    (
        describing.ROLE_NAME,
        describing.text("AssumeRolePolicyDocument", "Who may assume it.", _TRUST_EXAMPLE, required=True),
        describing.text("Description", "Kept and shown again.", "Sends for the shop"),
        _longest("MaxSessionDuration")._replace(default="3600"),
        *without_effect("AllowConsoleLogin", "Tag"),
    ),
    _one(_TRUST),
    ("MalformedPolicyDocument", "EntityAlreadyExists.Role", "LimitExceeded.Role"),
)
GET = describing.operation(
    "GetRole", "Shows a role.", (describing.ROLE_NAME,), _one(_TRUST, _AT), ("EntityNotExist.Role",)
)
LIST = describing.operation(
    "ListRoles",
    "Lists the roles of the account, by name.",
    (describing.MARKER, describing.MAX_ITEMS, *without_effect("Tag")),
    (
        describing.IS_TRUNCATED,
        describing.NEXT_MARKER,
        Member(
            "Roles",
            "The roles.",
            kind="object",
            members=(Member("Role", "One by one.", kind="array", members=(*_MEMBERS, _AT)),),
        ),
    ),
)
UPDATE = describing.operation(
    "UpdateRole",
    "Changes a role; what is left out stays.",
    (
        describing.ROLE_NAME,
        describing.text("NewAssumeRolePolicyDocument", "Who may assume it from now on.", _TRUST_EXAMPLE),
        describing.text("NewDescription", "Its description from now on.", "Sends for the shop"),
        _longest("NewMaxSessionDuration"),
        *without_effect("NewAllowConsoleLogin"),
    ),
    _one(_TRUST, _AT),
    ("EntityNotExist.Role", "MalformedPolicyDocument"),
)
DELETE = describing.operation(
    "DeleteRole",
    "Deletes a role without policies. Its sessions are refused from the next call on.",
    (describing.ROLE_NAME,),
    errors=("EntityNotExist.Role", "DeleteConflict.Role.Policy"),
)


def create(request: Request) -> Result:
    """Makes a role.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers = describing.read(CREATE, request)
    changing.check_trust("AssumeRolePolicyDocument", texts["AssumeRolePolicyDocument"])
    role = Role(
        id=new_entity_id(),
        account_id=request.caller.account_id,
        name=texts["RoleName"],
        trust=texts["AssumeRolePolicyDocument"],
        description=texts.get("Description", ""),
        longest_session=numbers.get("MaxSessionDuration", SHORTEST_MAXIMUM),
        created_at=request.now,
        updated_at=request.now,
    )

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        if known.role(role.account_id, role.name) is not None:
            said = f"{shown(role.name)} is there already."
            raise changing.refusal("EntityAlreadyExists.Role", "RoleName", said)
        if len(known.roles_of(role.account_id)) >= _MOST:
            raise changing.refusal("LimitExceeded.Role", "RoleName", f"the account has {_MOST} roles.")
        changing.put(transaction, role)
        return {"Role": _row(role) | _trust(role)}

    return changing.changing(request, change, changing.ROLES)


def get(request: Request) -> Result:
    """Shows a role.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(GET, request)
    role = changing.role_named(request.configuration.principals, request, texts["RoleName"])
    return Result({"Role": _row(role) | _trust(role) | _updated(role)})


def list_(request: Request) -> Result:
    """Lists roles.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers = describing.read(LIST, request)
    roles = request.configuration.principals.roles_of(request.caller.account_id)
    part, end = changing.listed([(role.name, role) for role in roles], texts, numbers)
    return Result({**end, "Roles": {"Role": [_row(role) | _updated(role) for role in part]}})


def update(request: Request) -> Result:
    """Changes a role.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers = describing.read(UPDATE, request)
    trust = texts.get("NewAssumeRolePolicyDocument")
    if trust is not None:
        changing.check_trust("NewAssumeRolePolicyDocument", trust)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        role = _changeable(known, request, texts["RoleName"])
        changed = msgspec.structs.replace(
            role,
            trust=trust if trust is not None else role.trust,
            description=texts.get("NewDescription", role.description),
            longest_session=numbers.get("NewMaxSessionDuration", role.longest_session),
            updated_at=request.now,
        )
        changing.put(transaction, changed)
        return {"Role": _row(changed) | _trust(changed) | _updated(changed)}

    return changing.changing(request, change, changing.ROLES)


def delete(request: Request) -> Result:
    """Deletes a role.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(DELETE, request)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        role = _changeable(known, request, texts["RoleName"])
        if role.attached:
            said = f"it has the policies {', '.join(each.policy for each in role.attached)}."
            raise changing.refusal("DeleteConflict.Role.Policy", "RoleName", said)
        transaction.remove_entries([entry_key(role)])
        return {}

    return changing.changing(request, change, changing.ROLES)


def _changeable(known: Principals, request: Request, name: str) -> Role:
    return changing.changeable(changing.role_named(known, request, name), f"The role {shown(name)}")


def _row(role: Role) -> dict[str, Any]:
    return {
        "RoleId": role.id,
        "RoleName": role.name,
        "Arn": role.arn,
        "Description": role.description,
        "CreateDate": changing.wire_time(role.created_at),
        "MaxSessionDuration": role.longest_session,
        "AllowConsoleLogin": False,
    }


def _trust(role: Role) -> dict[str, str]:
    return {"AssumeRolePolicyDocument": role.trust}


def _updated(role: Role) -> dict[str, str]:
    return {"UpdateDate": changing.wire_time(role.updated_at)}


_ROLE = changing.about(("role", "RoleName"))

ENDPOINTS = tuple(
    Endpoint(described, handle, describing.LIMIT, unsubscribed=True, resources=resources)
    for described, handle, resources in (
        (CREATE, create, _ROLE),
        (GET, get, _ROLE),
        (LIST, list_, changing.about(("role", ""))),
        (UPDATE, update, _ROLE),
        (DELETE, delete, _ROLE),
    )
)
