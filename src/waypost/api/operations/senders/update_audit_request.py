"""UpdateAuditRequest: changes a request about a Viber sender that is not approved yet."""

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.senders.parameters import (
    RESULT_AND_OWNER,
    AuditRecord,
    CustSpaceId,
    RequestNo,
)
from waypost.api.operations.senders.requests import (
    RequestAnswer,
    checked_record,
    find_request,
    request_answer,
    status_error,
    unknown_request,
)
from waypost.model import codes
from waypost.model.identifiers import NO_SPACE
from waypost.model.senders.viber_senders import OPEN
from waypost.model.templates.template import APPROVED, UNREVIEWED


class UpdateAuditRequestParams(Params, frozen=True):
    """The request to change, and its new record."""

    cust_space_id: CustSpaceId = NO_SPACE
    request_no: RequestNo = ""
    audit_record: AuditRecord = {}


OPERATION = Operation(
    "UpdateAuditRequest",
    "Changes a request that has not passed; it is reviewed anew.",
    UpdateAuditRequestParams,
    RequestAnswer,
    errors=(codes.AUDIT_STATUS_NOT_SUPPORT,),
    ignored=RESULT_AND_OWNER,
)


def handle(request: Request[UpdateAuditRequestParams]) -> Result[RequestAnswer]:
    """Changes a request.

    Raises:
        ApiError: a parameter is invalid, or the request does not exist or was approved.
    """
    params = request.params
    current = find_request(request, params.request_no)
    if current is not None and current.space_id != params.cust_space_id:
        current = None
    request_type = current.type if current is not None else OPEN
    record = checked_record(request, request_type, params.cust_space_id, params.audit_record)
    if current is None:
        raise unknown_request(params.request_no)
    if current.status == APPROVED:
        raise status_error("RequestNo", "the request has passed", "only one that has not can be changed")
    updated = msgspec.structs.replace(
        current, record=record, status=UNREVIEWED, reason="", updated_at=request.now, reviewed_at=0
    )
    return Result(request_answer(updated), changes=[replaces(current, updated)])


ENDPOINT = Endpoint(OPERATION, handle)
