"""CreateRole: creates a role, for use with AssumeRole of sts."""

from typing import Annotated

from waypost.api.description import Operation, Params, without_effect
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on_all
from waypost.api.operations.ram.documents import trust_parameter
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.resources import ROLE
from waypost.api.operations.ram.role_row import NewRoleRow, new_role_row
from waypost.api.operations.ram.session_length import longest_session_parameter
from waypost.api.operations.ram.text_rules import DESCRIPTION_TEXT, RoleName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.limits import DEFAULT_SESSION_S, MOST_ROLES
from waypost.model.access.principals import Role
from waypost.model.faults import Fault
from waypost.model.identifiers import new_entity_id


class CreateRoleParams(Params, frozen=True):
    """The role to create."""

    role_name: RoleName = ""
    assume_role_policy_document: Annotated[
        str, trust_parameter("AssumeRolePolicyDocument", "Who may assume it.", required=True)
    ] = ""
    description: Annotated[
        str, DESCRIPTION_TEXT.parameter("Description", "Stored and shown again.", "Sends for the shop")
    ] = ""
    max_session_duration: Annotated[
        int, longest_session_parameter("MaxSessionDuration", default=str(DEFAULT_SESSION_S))
    ] = DEFAULT_SESSION_S


class CreateRoleAnswer(Answer, frozen=True):
    """The role that was created."""

    role: Annotated[NewRoleRow, member("The role.")]


OPERATION = Operation(
    "CreateRole",
    "Makes a role, for those to assume whom its trust policy names.",
    CreateRoleParams,
    CreateRoleAnswer,
    errors=(codes.ALREADY_EXISTS_ROLE, codes.LIMIT_EXCEEDED_ROLE),
    ignored=without_effect("AllowConsoleLogin", "Tag"),
    product=RAM,
)


def handle(request: Request[CreateRoleParams]) -> Result[CreateRoleAnswer]:
    """Creates a role.

    Raises:
        ApiError: a parameter is invalid; the name is in use; the account has reached its limit of roles.
    """
    request.refuse()
    params = request.params
    role = Role(
        id=new_entity_id(),
        account_id=request.caller.account_id,
        name=params.role_name,
        trust=params.assume_role_policy_document,
        description=params.description,
        longest_session=params.max_session_duration,
        created_at=request.now,
        updated_at=request.now,
    )

    principals = request.configuration.principals
    if principals.role(role.account_id, role.name) is not None:
        problem = "is there already"
        raise from_faults([Fault(codes.ALREADY_EXISTS_ROLE, "RoleName", problem, value=role.name)])
    if len(principals.roles_of(role.account_id)) >= MOST_ROLES:
        problem = f"the account has {MOST_ROLES} roles"
        raise from_faults([Fault(codes.LIMIT_EXCEEDED_ROLE, "RoleName", problem)])
    return Result(
        CreateRoleAnswer(role=new_role_row(role)), changes=[inserts(role), relies_on_all(request, Role)]
    )


ENDPOINT = ram_endpoint(OPERATION, handle, ROLE)
