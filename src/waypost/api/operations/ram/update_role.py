"""UpdateRole: changes a role."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params, without_effect
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.ram.documents import trust_parameter
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_role
from waypost.api.operations.ram.resources import ROLE
from waypost.api.operations.ram.role_row import ShownRoleRow, shown_role_row
from waypost.api.operations.ram.session_length import longest_session_parameter
from waypost.api.operations.ram.text_rules import DESCRIPTION_TEXT, RoleName
from waypost.api.product import RAM
from waypost.model import codes


class UpdateRoleParams(Params, frozen=True):
    """The role to change, and its new values; an empty text leaves a value unchanged."""

    role_name: RoleName = ""
    new_assume_role_policy_document: Annotated[
        str, trust_parameter("NewAssumeRolePolicyDocument", "Who may assume it from now on.")
    ] = ""
    new_description: Annotated[
        str,
        DESCRIPTION_TEXT.parameter("NewDescription", "Its description from now on.", "Sends for the shop"),
    ] = ""
    new_max_session_duration: Annotated[int | None, longest_session_parameter("NewMaxSessionDuration")] = None


class UpdateRoleAnswer(Answer, frozen=True):
    """The answer with the changed role."""

    role: Annotated[ShownRoleRow, member("The role.")]


OPERATION = Operation(
    "UpdateRole",
    "Changes a role; parameters left out stay as they are.",
    UpdateRoleParams,
    UpdateRoleAnswer,
    errors=(codes.NO_SUCH_ROLE,),
    ignored=without_effect("NewAllowConsoleLogin"),
    product=RAM,
)


def handle(request: Request[UpdateRoleParams]) -> Result[UpdateRoleAnswer]:
    """Changes a role.

    Raises:
        ApiError: a parameter is invalid; there is no such role, or the operator declares it.
    """
    request.refuse()
    params = request.params

    principals = request.configuration.principals
    role = changeable_role(principals, request.caller.account_id, params.role_name)
    changed = msgspec.structs.replace(
        role,
        trust=params.new_assume_role_policy_document or role.trust,
        description=params.new_description or role.description,
        longest_session=params.new_max_session_duration or role.longest_session,
        updated_at=request.now,
    )
    return Result(UpdateRoleAnswer(role=shown_role_row(changed)), changes=[replaces(role, changed)])


ENDPOINT = ram_endpoint(OPERATION, handle, ROLE)
