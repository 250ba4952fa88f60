"""GetAuditRequestByTypeUnAudit: shows the unreviewed request about a space's Viber sender."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS, space_faults
from waypost.api.operations.senders.parameters import CustSpaceId, RequestType
from waypost.api.operations.senders.requests import unreviewed_request
from waypost.api.operations.senders.row import RequestRow, request_row
from waypost.model.identifiers import NO_SPACE


class GetAuditRequestByTypeUnAuditParams(Params, frozen=True):
    """The space, and the type of the request."""

    cust_space_id: CustSpaceId = NO_SPACE
    request_type: RequestType = ""


class UnreviewedRequestRow(RequestRow, frozen=True):
    """An unreviewed request."""

    ali_uid: Annotated[str, member("The account.", "acme")]


class NoRequest(Answer, frozen=True):
    """The empty object that is answered when there is no unreviewed request."""


class GetAuditRequestByTypeUnAuditAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the unreviewed request, if there is one."""

    data: Annotated[UnreviewedRequestRow | NoRequest, member("The request; without members when none waits.")]


OPERATION = Operation(
    "GetAuditRequestByTypeUnAudit",
    "Shows a space's request of one type that waits for its review.",
    GetAuditRequestByTypeUnAuditParams,
    GetAuditRequestByTypeUnAuditAnswer,
    ignored=OWNER_PARAMETERS,
)


def handle(
    request: Request[GetAuditRequestByTypeUnAuditParams],
) -> Result[GetAuditRequestByTypeUnAuditAnswer]:
    """Returns the unreviewed request, or an empty object.

    Raises:
        ApiError: a parameter is invalid.
    """
    params = request.params
    request.refuse(space_faults(request, params.cust_space_id))
    waiting = unreviewed_request(request, params.cust_space_id, params.request_type)
    if waiting is None:
        return Result(GetAuditRequestByTypeUnAuditAnswer(data=NoRequest()))
    members = msgspec.structs.asdict(request_row(waiting))
    row = UnreviewedRequestRow(**members, ali_uid=waiting.account_id)
    return Result(GetAuditRequestByTypeUnAuditAnswer(data=row))


ENDPOINT = Endpoint(OPERATION, handle)
