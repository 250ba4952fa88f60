"""ListRoles: the roles of the account, by name."""

from typing import Annotated

from waypost.api.description import Operation, Params, without_effect
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.marker_paging import MarkedAnswer, Marker, MaxItems, page_after
from waypost.api.operations.ram.resources import ram_resources
from waypost.api.operations.ram.role_row import DatedRoleRow, dated_role_row
from waypost.api.product import RAM


class ListRolesParams(Params, frozen=True):
    """Which roles to list."""

    marker: Marker = ""
    max_items: MaxItems = 100


class RoleRows(Answer, frozen=True):
    """Roles."""

    role: Annotated[list[DatedRoleRow], member("One by one.")]


class ListRolesAnswer(MarkedAnswer, frozen=True):
    """A part of the list."""

    roles: Annotated[RoleRows, member("The roles.")]


OPERATION = Operation(
    "ListRoles",
    "Lists the roles of the account, by name.",
    ListRolesParams,
    ListRolesAnswer,
    ignored=without_effect("Tag"),
    product=RAM,
)


def handle(request: Request[ListRolesParams]) -> Result[ListRolesAnswer]:
    """Lists roles.

    Raises:
        ApiError: the call's faults.
    """
    request.refuse()
    roles = request.configuration.principals.roles_of(request.caller.account_id)
    page = page_after([(role.name, role) for role in roles], request.params.marker, request.params.max_items)
    return Result(
        ListRolesAnswer(
            is_truncated=page.is_truncated,
            marker=page.marker,
            roles=RoleRows(role=[dated_role_row(role) for role in page.rows]),
        )
    )


ENDPOINT = ram_endpoint(OPERATION, handle, ram_resources(("role", "")))
