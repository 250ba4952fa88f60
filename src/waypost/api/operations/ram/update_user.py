"""UpdateUser: changes a user, including its name."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import relies_on_all, replaces
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_user
from waypost.api.operations.ram.resources import USER
from waypost.api.operations.ram.text_rules import EMAIL_TEXT, FREE_TEXT, PHONE_TEXT, USER_NAME_TEXT, UserName
from waypost.api.operations.ram.user_row import DatedUserRow, dated_user_row, user_details
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import User
from waypost.model.faults import Fault


class UpdateUserParams(Params, frozen=True):
    """The user to change, and its new values; an empty text leaves a value unchanged."""

    user_name: UserName = ""
    new_user_name: Annotated[
        str, USER_NAME_TEXT.parameter("NewUserName", "Its name from now on.", "alicia")
    ] = ""
    new_display_name: Annotated[
        str, FREE_TEXT.parameter("NewDisplayName", "Its DisplayName from now on.", "Alice")
    ] = ""
    new_email: Annotated[
        str, EMAIL_TEXT.parameter("NewEmail", "Its Email from now on.", "alice@example.com")
    ] = ""
    new_mobile_phone: Annotated[
        str, PHONE_TEXT.parameter("NewMobilePhone", "Its MobilePhone from now on.", "86-18600008888")
    ] = ""
    new_comments: Annotated[
        str, FREE_TEXT.parameter("NewComments", "Its Comments from now on.", "Sends the newsletter")
    ] = ""


class UpdateUserAnswer(Answer, frozen=True):
    """The answer with the changed user."""

    user: Annotated[DatedUserRow, member("The user.")]


OPERATION = Operation(
    "UpdateUser",
    "Changes a user; parameters left out stay as they are. Its keys and policies stay with it under a "
    "new name.",
    UpdateUserParams,
    UpdateUserAnswer,
    errors=(codes.NO_SUCH_USER, codes.ALREADY_EXISTS_USER),
    product=RAM,
)


def handle(request: Request[UpdateUserParams]) -> Result[UpdateUserAnswer]:
    """Changes a user.

    Raises:
        ApiError: a parameter is invalid; there is no such user, or the operator declares it; the new name is
            in use.
    """
    request.refuse()
    params, account_id = request.params, request.caller.account_id
    details = user_details(
        params.new_display_name, params.new_email, params.new_mobile_phone, params.new_comments
    )

    principals = request.configuration.principals
    user = changeable_user(principals, account_id, params.user_name)
    name = params.new_user_name or user.name
    if name != user.name and principals.user_named(account_id, name) is not None:
        problem = "is there already"
        raise from_faults([Fault(codes.ALREADY_EXISTS_USER, "NewUserName", problem, value=name)])
    changed = msgspec.structs.replace(user, name=name, details=user.details | details, updated_at=request.now)
    return Result(
        UpdateUserAnswer(user=dated_user_row(changed)),
        changes=[replaces(user, changed), relies_on_all(request, User)],
    )


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
