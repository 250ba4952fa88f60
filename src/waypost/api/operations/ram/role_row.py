"""The rows of a role, as operations of ram answer it."""

from typing import Annotated, Any

from waypost.api.members import Answer, member
from waypost.api.operations.iso_time import iso_time
from waypost.api.operations.ram.documents import TRUST_EXAMPLE
from waypost.model.access.principals import Role

_UPDATE_DATE = member("When it was changed last.", "2026-11-23T03:46:08Z")


class RoleRow(Answer, frozen=True):
    """The members that every answer with a role has."""

    role_id: Annotated[str, member("RoleId of the role.", "306820913600512345")]
    role_name: Annotated[str, member("RoleName of the role.", "courier")]
    arn: Annotated[str, member("Arn of the role.", "acs:ram::1:role/courier")]
    description: Annotated[str, member("Description of the role.")]
    create_date: Annotated[str, member("CreateDate of the role.", "2026-11-23T03:46:08Z")]
    max_session_duration: Annotated[int, member("How long a session can be, seconds.")]
    allow_console_login: Annotated[bool, member("Always false: there is no console to log on to.")] = False


class DatedRoleRow(RoleRow, frozen=True, kw_only=True):
    """A role in a list, with the time of its last change."""

    update_date: Annotated[str, _UPDATE_DATE]


class NewRoleRow(RoleRow, frozen=True, kw_only=True):
    """A created role, with its trust policy."""

    assume_role_policy_document: Annotated[str, member("Who may assume it.", TRUST_EXAMPLE)]


class ShownRoleRow(NewRoleRow, frozen=True, kw_only=True):
    """A role with all its members."""

    update_date: Annotated[str, _UPDATE_DATE]


def dated_role_row(role: Role) -> DatedRoleRow:
    """Converts a role to its row in ListRoles."""
    return DatedRoleRow(**_members(role), update_date=iso_time(role.updated_at or role.declared_at))


def new_role_row(role: Role) -> NewRoleRow:
    """Converts a role to its row in CreateRole."""
    return NewRoleRow(**_members(role), assume_role_policy_document=role.trust)


def shown_role_row(role: Role) -> ShownRoleRow:
    """Converts a role to its row in GetRole and UpdateRole."""
    return ShownRoleRow(
        **_members(role),
        assume_role_policy_document=role.trust,
        update_date=iso_time(role.updated_at or role.declared_at),
    )


def _members(role: Role) -> dict[str, Any]:
    return {
        "role_id": role.id,
        "role_name": role.name,
        "arn": role.arn,
        "description": role.description,
        "create_date": iso_time(role.created_at or role.declared_at),
        "max_session_duration": role.longest_session,
    }
