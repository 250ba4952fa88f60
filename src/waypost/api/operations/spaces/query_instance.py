"""QueryInstance: shows a space."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.spaces.lookup import own_space
from waypost.api.operations.spaces.parameters import InstanceId
from waypost.api.operations.spaces.row import DetailedSpaceRow, detailed_space_row
from waypost.model import codes
from waypost.model.identifiers import NO_SPACE


class QueryInstanceParams(Params, frozen=True):
    """The space to show."""

    instance_id: InstanceId = NO_SPACE


class QueryInstanceAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the space."""

    data: Annotated[DetailedSpaceRow, member("The space.")]


OPERATION = Operation(
    "QueryInstance",
    "Shows a space.",
    QueryInstanceParams,
    QueryInstanceAnswer,
    errors=(codes.invalid("InstanceId"),),
)


def handle(request: Request[QueryInstanceParams]) -> Result[QueryInstanceAnswer]:
    """Shows a space.

    Raises:
        ApiError: a parameter is invalid, or the account has no such space.
    """
    request.refuse()
    space = own_space(request, request.params.instance_id)
    return Result(QueryInstanceAnswer(data=detailed_space_row(space)))


ENDPOINT = Endpoint(OPERATION, handle)
