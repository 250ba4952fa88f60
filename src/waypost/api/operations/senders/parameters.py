"""Parameters that several operations on Viber senders share."""

from collections.abc import Mapping
from typing import Annotated, Any

from waypost.api.description import Parameter
from waypost.api.json_decoders import object_decoder
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.model import codes
from waypost.model.identifiers import SpaceId
from waypost.model.senders.viber_records import RECORD
from waypost.model.senders.viber_senders import REQUEST_TYPES

SPACE = Parameter(
    "CustSpaceId",
    "The space whose sender is meant; each space has one.",
    "cams-8x1k0aq4m2zd",
    required=True,
    invalid=codes.UNKNOWN_RESOURCE_OWNER,
)
AUDIT_RECORD = Parameter(
    RECORD,
    "The request, as an object; a member that is wrong is named in the message.",
    '{"BusinessAccountName":"Acme","IndustryInvolved":"Retail","MessageDestinationCountry":["DE"]}',
    required=True,
    decode=object_decoder(RECORD),
)

CustSpaceId = Annotated[SpaceId, SPACE]
AuditRecord = Annotated[Mapping[str, Any], AUDIT_RECORD]
RequestNo = Annotated[
    str,
    Parameter(
        "RequestNo",
        "The request.",
        "2026112500012345678",
        required=True,
        invalid=codes.UNKNOWN_RESOURCE_OWNER,
    ),
]
RequestType = Annotated[str, Parameter("RequestType", "Which.", "open", required=True, allowed=REQUEST_TYPES)]
RESULT_AND_OWNER = (
    Parameter("AuditResult", "Taken and without effect: reviews are the operator's.", ignored=True),
    *OWNER_PARAMETERS,
)
"""Parameters that the operations which create or change a request accept and ignore."""
