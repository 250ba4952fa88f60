"""ListUsers: lists the users of the account, by name."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.marker_paging import MarkedAnswer, Marker, MaxItems, page_after
from waypost.api.operations.ram.resources import ram_resources
from waypost.api.operations.ram.user_row import DatedUserRow, dated_user_row
from waypost.api.product import RAM


class ListUsersParams(Params, frozen=True):
    """The filters and the page of the list."""

    marker: Marker = ""
    max_items: MaxItems = 100


class UserRows(Answer, frozen=True):
    """The member Users, a list of users."""

    user: Annotated[list[DatedUserRow], member("The users.")]


class ListUsersAnswer(MarkedAnswer, frozen=True):
    """The answer with one page of users."""

    users: Annotated[UserRows, member("The users.")]


OPERATION = Operation(
    "ListUsers",
    "Lists the users of the account, those that the operator declared too, by name.",
    ListUsersParams,
    ListUsersAnswer,
    product=RAM,
)


def handle(request: Request[ListUsersParams]) -> Result[ListUsersAnswer]:
    """Returns one page of users.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    users = request.configuration.principals.users_of(request.caller.account_id)
    page = page_after(
        [(user.user_name, user) for user in users], request.params.marker, request.params.max_items
    )
    return Result(
        ListUsersAnswer(
            is_truncated=page.is_truncated,
            marker=page.marker,
            users=UserRows(user=[dated_user_row(user) for user in page.rows]),
        )
    )


ENDPOINT = ram_endpoint(OPERATION, handle, ram_resources(("user", "")))
