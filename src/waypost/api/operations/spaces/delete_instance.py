"""DeleteInstance: deletes a space."""

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.spaces.lookup import changeable_space
from waypost.api.operations.spaces.parameters import InstanceId
from waypost.model import codes
from waypost.model.entry_changes import RemoveEntry
from waypost.model.identifiers import NO_SPACE


class DeleteInstanceParams(Params, frozen=True):
    """The space to delete."""

    instance_id: InstanceId = NO_SPACE


OPERATION = Operation(
    "DeleteInstance",
    "Deletes a space. Messages that were sent in it stay.",
    DeleteInstanceParams,
    SuccessAnswer,
    errors=(codes.invalid("InstanceId"),),
)


def handle(request: Request[DeleteInstanceParams]) -> Result[SuccessAnswer]:
    """Deletes a space.

    Raises:
        ApiError: a parameter is invalid, or the space does not exist or is declared by the operator.
    """
    request.refuse()
    space = changeable_space(request, request.params.instance_id)
    return Result(SuccessAnswer(), changes=[RemoveEntry(space)])


ENDPOINT = Endpoint(OPERATION, handle)
