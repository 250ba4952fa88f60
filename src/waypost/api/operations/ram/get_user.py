"""GetUser: shows a user."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import named_user
from waypost.api.operations.ram.resources import USER
from waypost.api.operations.ram.text_rules import UserName
from waypost.api.operations.ram.user_row import DatedUserRow, dated_user_row
from waypost.api.product import RAM
from waypost.model import codes


class GetUserParams(Params, frozen=True):
    """The user to show."""

    user_name: UserName = ""


class ShownUserRow(DatedUserRow, frozen=True, kw_only=True):
    """A user, with the members that only GetUser answers."""

    last_login_date: Annotated[str, member("Always empty: there is no console to log on to.")] = ""


class GetUserAnswer(Answer, frozen=True):
    """The answer with the user."""

    user: Annotated[ShownUserRow, member("The user.")]


OPERATION = Operation(
    "GetUser",
    "Shows a user.",
    GetUserParams,
    GetUserAnswer,
    errors=(codes.NO_SUCH_USER,),
    product=RAM,
)


def handle(request: Request[GetUserParams]) -> Result[GetUserAnswer]:
    """Shows a user.

    Raises:
        ApiError: a parameter is invalid; there is no such user.
    """
    request.refuse()
    principals = request.configuration.principals
    user = named_user(principals, request.caller.account_id, request.params.user_name)
    row = ShownUserRow(**msgspec.structs.asdict(dated_user_row(user)))
    return Result(GetUserAnswer(user=row))


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
