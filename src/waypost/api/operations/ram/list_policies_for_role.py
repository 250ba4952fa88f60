"""ListPoliciesForRole: lists the policies attached to a role."""

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.attachments import AttachedPoliciesAnswer, attached_policies
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import named_role
from waypost.api.operations.ram.resources import ROLE
from waypost.api.operations.ram.text_rules import RoleName
from waypost.api.product import RAM
from waypost.model import codes


class ListPoliciesForRoleParams(Params, frozen=True):
    """The role whose policies to list."""

    role_name: RoleName = ""


OPERATION = Operation(
    "ListPoliciesForRole",
    "Lists the policies of a role.",
    ListPoliciesForRoleParams,
    AttachedPoliciesAnswer,
    errors=(codes.NO_SUCH_ROLE,),
    product=RAM,
)


def handle(request: Request[ListPoliciesForRoleParams]) -> Result[AttachedPoliciesAnswer]:
    """Returns the policies attached to a role.

    Raises:
        ApiError: a parameter is invalid; there is no such role.
    """
    request.refuse()
    principals = request.configuration.principals
    role = named_role(principals, request.caller.account_id, request.params.role_name)
    return Result(attached_policies(principals, role.account_id, role.attached))


ENDPOINT = ram_endpoint(OPERATION, handle, ROLE)
