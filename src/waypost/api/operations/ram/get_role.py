"""GetRole: shows a role."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import named_role
from waypost.api.operations.ram.resources import ROLE
from waypost.api.operations.ram.role_row import ShownRoleRow, shown_role_row
from waypost.api.operations.ram.text_rules import RoleName
from waypost.api.product import RAM
from waypost.model import codes


class GetRoleParams(Params, frozen=True):
    """The role to show."""

    role_name: RoleName = ""


class GetRoleAnswer(Answer, frozen=True):
    """The answer with the role."""

    role: Annotated[ShownRoleRow, member("The role.")]


OPERATION = Operation(
    "GetRole",
    "Shows a role.",
    GetRoleParams,
    GetRoleAnswer,
    errors=(codes.NO_SUCH_ROLE,),
    product=RAM,
)


def handle(request: Request[GetRoleParams]) -> Result[GetRoleAnswer]:
    """Shows a role.

    Raises:
        ApiError: a parameter is invalid; there is no such role.
    """
    request.refuse()
    principals = request.configuration.principals
    role = named_role(principals, request.caller.account_id, request.params.role_name)
    return Result(GetRoleAnswer(role=shown_role_row(role)))


ENDPOINT = ram_endpoint(OPERATION, handle, ROLE)
