"""AddAddressRecoverSuspend: requests that a space's Viber sender is changed, suspended or resumed."""

from collections.abc import Mapping
from typing import Annotated, Any

from waypost.api.description import Operation, Parameter, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.senders.parameters import AUDIT_RECORD, CustSpaceId
from waypost.api.operations.senders.requests import (
    RequestAnswer,
    checked_record,
    service_of_space,
    status_error,
    submit_request,
)
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE
from waypost.model.senders.viber_senders import CHANGE_TYPES, RECOVER, SUSPEND


class AddAddressRecoverSuspendParams(Params, frozen=True):
    """The space, and the requested change of its sender."""

    cust_space_id: CustSpaceId = NO_SPACE
    request_type: Annotated[
        str,
        Parameter(
            "RequestType",
            "address: the destinations in AuditRecord; the old ones hold until it has passed. suspend: "
            "from SuspensionDate (GMT) on; after the 25th, from the next month on only. recover: from "
            "RecoveryDate (GMT) on, or at once when it has passed.",
            "suspend",
            required=True,
            allowed=CHANGE_TYPES,
        ),
    ] = ""
    audit_record: Annotated[
        Mapping[str, Any],
        AUDIT_RECORD._replace(
            required=False, required_for="address and suspend", example='{"SuspensionDate":"2027-02-01"}'
        ),
    ] = {}


OPERATION = Operation(
    "AddAddressRecoverSuspend",
    "Requests a change of a space's sender: other destinations, to suspend it, or to resume it.",
    AddAddressRecoverSuspendParams,
    RequestAnswer,
    errors=(codes.AUDIT_STATUS_NOT_SUPPORT,),
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[AddAddressRecoverSuspendParams]) -> Result[RequestAnswer]:
    """Submits a request to change a sender.

    Raises:
        ApiError: a parameter is invalid, or the state of the sender does not allow the change.
    """
    params = request.params
    space_id, request_type = params.cust_space_id, params.request_type
    record = checked_record(request, request_type, space_id, params.audit_record)
    service = service_of_space(request, space_id)
    if service is None:
        code, problem = codes.UNKNOWN_RESOURCE_OWNER, "has no Viber sender that was registered by call"
        raise from_faults([Fault(code, "CustSpaceId", problem, value=space_id)])
    if request_type == SUSPEND and service.suspended:
        raise status_error("RequestType", "the sender is suspended already")
    if request_type == RECOVER and not service.suspended:
        raise status_error("RequestType", "the sender is not suspended")
    return submit_request(request, space_id, request_type, record, service.id)


ENDPOINT = Endpoint(OPERATION, handle)
