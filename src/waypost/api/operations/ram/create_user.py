"""CreateUser: creates a user, which has no permissions at first."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on_all
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.resources import USER
from waypost.api.operations.ram.text_rules import EMAIL_TEXT, FREE_TEXT, PHONE_TEXT, UserName
from waypost.api.operations.ram.user_row import UserRow, user_details, user_row
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.limits import MOST_USERS
from waypost.model.access.principals import User
from waypost.model.faults import Fault
from waypost.model.identifiers import new_entity_id

_KEPT = "Stored and shown again."


class CreateUserParams(Params, frozen=True):
    """The user to create."""

    user_name: UserName = ""
    display_name: Annotated[str, FREE_TEXT.parameter("DisplayName", _KEPT, "Alice")] = ""
    email: Annotated[str, EMAIL_TEXT.parameter("Email", _KEPT, "alice@example.com")] = ""
    mobile_phone: Annotated[str, PHONE_TEXT.parameter("MobilePhone", _KEPT, "86-18600008888")] = ""
    comments: Annotated[str, FREE_TEXT.parameter("Comments", _KEPT, "Sends the newsletter")] = ""


class CreateUserAnswer(Answer, frozen=True):
    """The user that was created."""

    user: Annotated[UserRow, member("The user.")]


OPERATION = Operation(
    "CreateUser",
    "Makes a user, who may do nothing until a policy is attached.",
    CreateUserParams,
    CreateUserAnswer,
    errors=(codes.ALREADY_EXISTS_USER, codes.LIMIT_EXCEEDED_USER),
    product=RAM,
)


def handle(request: Request[CreateUserParams]) -> Result[CreateUserAnswer]:
    """Creates a user.

    Raises:
        ApiError: a parameter is invalid; the name is in use; the account has reached its limit of users.
    """
    request.refuse()
    params = request.params
    user = User(
        id=new_entity_id(),
        account_id=request.caller.account_id,
        name=params.user_name,
        details=user_details(params.display_name, params.email, params.mobile_phone, params.comments),
        created_at=request.now,
        updated_at=request.now,
    )

    principals = request.configuration.principals
    if principals.user_named(user.account_id, user.name) is not None:
        problem = "is there already"
        raise from_faults([Fault(codes.ALREADY_EXISTS_USER, "UserName", problem, value=user.name)])
    if len(principals.users_of(user.account_id)) >= MOST_USERS:
        problem = f"the account has {MOST_USERS} users"
        raise from_faults([Fault(codes.LIMIT_EXCEEDED_USER, "UserName", problem)])
    return Result(
        CreateUserAnswer(user=user_row(user)), changes=[inserts(user), relies_on_all(request, User)]
    )


ENDPOINT = ram_endpoint(OPERATION, handle, USER)
