"""ListRoles: lists the roles of the account, by name."""

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
    """The filters and the page of the list."""

    marker: Marker = ""
    max_items: MaxItems = 100


class RoleRows(Answer, frozen=True):
    """The member Roles, a list of roles."""

    role: Annotated[list[DatedRoleRow], member("The roles.")]


class ListRolesAnswer(MarkedAnswer, frozen=True):
    """The answer with one page of roles."""

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
    """Returns one page of roles.

    Raises:
        ApiError: a parameter is invalid.
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
