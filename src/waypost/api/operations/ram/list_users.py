"""ListUsers: the users of the account, by name."""

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
    """Which users to list."""

    marker: Marker = ""
    max_items: MaxItems = 100


class UserRows(Answer, frozen=True):
    """Users."""

    user: Annotated[list[DatedUserRow], member("One by one.")]


class ListUsersAnswer(MarkedAnswer, frozen=True):
    """A part of the list."""

    users: Annotated[UserRows, member("The users.")]


OPERATION = Operation(
    "ListUsers",
    "Lists the users of the account, those that the operator declared too, by name.",
    ListUsersParams,
    ListUsersAnswer,
    product=RAM,
)


def handle(request: Request[ListUsersParams]) -> Result[ListUsersAnswer]:
    """Lists users.

    Raises:
        ApiError: the call's faults.
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
