"""AddAuditViberOpen: requests a Viber sender for a space."""

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.senders.parameters import RESULT_AND_OWNER, AuditRecord, CustSpaceId
from waypost.api.operations.senders.requests import (
    RequestAnswer,
    checked_record,
    service_of_space,
    status_error,
    submit_request,
)
from waypost.model import codes
from waypost.model.identifiers import NO_SPACE
from waypost.model.senders.viber_senders import OPEN


class AddAuditViberOpenParams(Params, frozen=True):
    """The space, and the record of the requested sender."""

    cust_space_id: CustSpaceId = NO_SPACE
    audit_record: AuditRecord = {}


OPERATION = Operation(
    "AddAuditViberOpen",
    "Requests a Viber sender for a space; it can send once the request has passed its review.",
    AddAuditViberOpenParams,
    RequestAnswer,
    errors=(codes.AUDIT_STATUS_NOT_SUPPORT,),
    ignored=RESULT_AND_OWNER,
)


def handle(request: Request[AddAuditViberOpenParams]) -> Result[RequestAnswer]:
    """Submits a request to open a sender.

    Raises:
        ApiError: a parameter is invalid, or the space already has a sender or a request for one.
    """
    space_id = request.params.cust_space_id
    record = checked_record(request, OPEN, space_id, request.params.audit_record)
    if service_of_space(request, space_id) is not None:
        raise status_error("CustSpaceId", "the space has a Viber sender already")
    return submit_request(request, space_id, OPEN, record)


ENDPOINT = Endpoint(OPERATION, handle)
