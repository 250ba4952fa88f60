"""DeleteRole: deletes a role that has no attached policies."""

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_role
from waypost.api.operations.ram.resources import ROLE
from waypost.api.operations.ram.text_rules import RoleName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.entry_changes import RemoveEntry
from waypost.model.faults import Fault


class DeleteRoleParams(Params, frozen=True):
    """The role to delete."""

    role_name: RoleName = ""


OPERATION = Operation(
    "DeleteRole",
    "Deletes a role without policies. Its sessions are refused from the next call on.",
    DeleteRoleParams,
    Answer,
    errors=(codes.NO_SUCH_ROLE, codes.DELETE_CONFLICT_ROLE_POLICY),
    product=RAM,
)


def handle(request: Request[DeleteRoleParams]) -> Result[Answer]:
    """Deletes a role.

    Raises:
        ApiError: a parameter is invalid; there is no such role, or the operator declares it; it has attached
            policies.
    """
    request.refuse()

    principals = request.configuration.principals
    role = changeable_role(principals, request.caller.account_id, request.params.role_name)
    if role.attached:
        problem = f"it has the policies {', '.join(each.policy for each in role.attached)}"
        raise from_faults([Fault(codes.DELETE_CONFLICT_ROLE_POLICY, "RoleName", problem)])
    return Result(Answer(), changes=[RemoveEntry(role)])


ENDPOINT = ram_endpoint(OPERATION, handle, ROLE)
