"""GetViberByRequestNo: shows a request about a Viber sender."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from waypost.api.caller import Caller
from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result, space_arn
from waypost.api.operations.ownership import OWNER_PARAMETERS, space_faults
from waypost.api.operations.senders.parameters import SPACE, RequestNo
from waypost.api.operations.senders.requests import find_request, unknown_request
from waypost.api.operations.senders.row import RequestRow, request_row
from waypost.model.configuration import Configuration
from waypost.model.identifiers import NO_SPACE, SpaceId


class GetViberByRequestNoParams(Params, frozen=True):
    """The request to show."""

    request_no: RequestNo = ""
    cust_space_id: Annotated[
        SpaceId, SPACE._replace(required=False, description="The space the request was made in.")
    ] = NO_SPACE


class GetViberByRequestNoAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the request."""

    data: Annotated[RequestRow, member("The request.")]


OPERATION = Operation(
    "GetViberByRequestNo",
    "Shows a request.",
    GetViberByRequestNoParams,
    GetViberByRequestNoAnswer,
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[GetViberByRequestNoParams]) -> Result[GetViberByRequestNoAnswer]:
    """Shows a request.

    Raises:
        ApiError: a parameter is invalid, or the account has no such request.
    """
    params = request.params
    request.refuse(space_faults(request, params.cust_space_id))
    viber_request = find_request(request, params.request_no)
    if viber_request is None or params.cust_space_id not in ("", viber_request.space_id):
        raise unknown_request(params.request_no)
    return Result(GetViberByRequestNoAnswer(data=request_row(viber_request)))


def _resources(raw_params: Mapping[str, str], caller: Caller, configuration: Configuration) -> Sequence[str]:
    """The space that is named; without one, that of the request, or the account for an unknown request."""
    space_id = SpaceId(raw_params.get("CustSpaceId", ""))
    if not space_id:
        number = raw_params.get("RequestNo", "")
        found = configuration.viber_senders.request(caller.account_id, number)
        if found is None:
            return ()
        space_id = found.space_id
    return (space_arn(caller, space_id, configuration),)


ENDPOINT = Endpoint(OPERATION, handle, resources=_resources)
