"""The descriptions of the operations on Viber senders."""

from waypost.api.description import Kind, Member, Operation, Parameter
from waypost.api.operations.recurring import ANY_CALL, NOT_YOURS, OWNERS, SOURCE, SUCCESS
from waypost.model.senders.viber_records import INVALID, RECORD
from waypost.model.senders.viber_senders import CHANGE_TYPES, REQUEST_TYPES

STATUS = "InvalidParameter.AuditStatusNotSupport"
_P = Parameter

_SPACE = _P(
    "CustSpaceId",
    Kind.STRING,
    "The space whose sender is meant; each space has one.",
    "cams-8x1k0aq4m2zd",
    required=True,
    invalid=NOT_YOURS,
)
_ANY_SPACE = _SPACE._replace(required=False, description="The space the request was made in.")
_RECORD = _P(
    RECORD,
    Kind.OBJECT,
    "What is asked for, as an object; a member that is wrong is named in the message.",
    '{"BusinessAccountName":"Acme","IndustryInvolved":"Retail","MessageDestinationCountry":["DE"]}',
    required=True,
    invalid=INVALID,
)
_NUMBER = _P(
    "RequestNo", Kind.STRING, "The request.", "2026112500012345678", required=True, invalid=NOT_YOURS
)
_RESULT = _P(
    "AuditResult", Kind.STRING, "Taken and without effect: reviews are the operator's.", ignored=True
)
_MADE = Member(
    "Data",
    "The request.",
    kind="object",
    members=(Member("RequestNo", "Its number.", "2026112500012345678"),),
)
_TYPES = ", ".join(REQUEST_TYPES)
_REQUEST = Member(
    "Data",
    "The request.",
    kind="object",
    members=(
        Member("RequestNo", "Its number.", "2026112500012345678"),
        Member("RequestType", f"One of {_TYPES}.", "open"),
        Member("State", "unaudit, pass or fail.", "pass"),
        Member("AuditResult", "The same, once reviewed; empty before.", "pass"),
        Member("Reason", "Why it failed.", ""),
        Member("AuditTime", "When it was reviewed, milliseconds UTC as a text; empty before.", ""),
        Member("MaapServiceNo", "The service ID, the From of the sender; empty before it passed.", "25644"),
        Member(RECORD, "The record, as it was given.", kind="object"),
        Member("Creator", "Who asked: a user's id, or the account's.", "acme"),
        Member("Modifier", "The same.", "acme"),
        Member("GmtCreate", "When it was made, milliseconds UTC as a text.", "1763869568000"),
        Member("GmtModifier", "When it was changed, milliseconds UTC as a text.", "1763869568000"),
        Member("Id", "The RequestNo.", "2026112500012345678"),
        Member("SubscriberCode", "The space.", "cams-8x1k0aq4m2zd"),
    ),
)

OPEN_SENDER = Operation(
    name="AddAuditViberOpen",
    summary="Asks for a Viber sender for a space; it can send once the request has passed its review.",
    source=SOURCE + "addauditviberopen",
    parameters=(_SPACE, _RECORD, _RESULT, *OWNERS),
    answer=(SUCCESS, _MADE),
    errors=(*ANY_CALL, STATUS),
)
CHANGE_SENDER = Operation(
    name="AddAddressRecoverSuspend",
    summary="Asks for a change of a space's sender: other destinations, to suspend it, or to resume it.",
    source=SOURCE + "addaddressrecoversuspend",
    parameters=(
        _SPACE,
        _P(
            "RequestType",
            Kind.STRING,
            "address: the destinations in AuditRecord; the old ones hold until it has passed. suspend: "
            "from SuspensionDate (GMT) on; after the 25th, from the next month on only. recover: from "
            "RecoveryDate (GMT) on, or at once when it has passed.",
            "suspend",
            required=True,
            allowed=CHANGE_TYPES,
        ),
        _RECORD._replace(
            required=False, required_for="address and suspend", example='{"SuspensionDate":"2027-02-01"}'
        ),
        *OWNERS,
    ),
    answer=(SUCCESS, _MADE),
    errors=(*ANY_CALL, STATUS),
)
UPDATE_REQUEST = Operation(
    name="UpdateAuditRequest",
    summary="Changes a request that has not passed; it is reviewed anew.",
    source=SOURCE + "updateauditrequest",
    parameters=(_SPACE, _NUMBER, _RECORD, _RESULT, *OWNERS),
    answer=(SUCCESS, _MADE),
    errors=(*ANY_CALL, STATUS),
)
GET_REQUEST = Operation(
    name="GetViberByRequestNo",
    summary="Shows a request.",
    source=SOURCE + "getviberbyrequestno",
    parameters=(_NUMBER, _ANY_SPACE, *OWNERS),
    answer=(SUCCESS, _REQUEST),
    errors=ANY_CALL,
)
GET_UNREVIEWED = Operation(
    name="GetAuditRequestByTypeUnAudit",
    summary="Shows a space's request of one type that waits for its review.",
    source=SOURCE + "getauditrequestbytypeunaudit",
    parameters=(
        _SPACE,
        _P("RequestType", Kind.STRING, "Which.", "open", required=True, allowed=REQUEST_TYPES),
        *OWNERS,
    ),
    answer=(
        SUCCESS,
        _REQUEST._replace(
            description="The request; without members when none waits.",
            members=(*_REQUEST.members, Member("AliUid", "The account.", "acme")),
        ),
    ),
    errors=ANY_CALL,
)
PAUSE_TIMES = Operation(
    name="GetViberPauseTimes",
    summary="Tells when the space's sender was, is or will be suspended.",
    source=SOURCE + "getviberpausetimes",
    parameters=(_SPACE, *OWNERS),
    answer=(
        SUCCESS,
        Member(
            "Data",
            "The times.",
            kind="object",
            members=(
                Member("ServiceId", "The sender; empty for none.", "25644"),
                Member("State", "normal or stop.", "normal"),
                Member(
                    "PauseTimes",
                    "Oldest first.",
                    kind="array",
                    members=(
                        Member("SuspensionDate", "From then on, GMT.", "2027-02-01 00:00:00"),
                        Member("RecoveryDate", "Until then, GMT; empty for no end.", ""),
                    ),
                ),
            ),
        ),
    ),
    errors=ANY_CALL,
)
LIST_SENDERS = Operation(
    name="ListViberServiceMessage",
    summary="Lists the Viber senders: those that the operator declares, and the one registered in the space.",
    source=SOURCE + "listviberservicemessage",
    parameters=(_SPACE, *OWNERS),
    answer=(
        SUCCESS,
        Member(
            "Data",
            "The senders, by their service IDs.",
            kind="array",
            members=(
                Member("ServiceId", "The From.", "25644"),
                Member("BusinessAccountName", "As it was registered; the account's name for a declared one."),
                Member("State", "normal, or stop while it is suspended.", "normal"),
                Member("IndustryInvolved", "As it was registered.", "Retail"),
                Member("MessageDestinationCountry", "As it was registered.", kind="texts"),
                Member("MessageDestinationInternationalCountry", "As it was registered.", kind="texts"),
                Member("DestinationCountryId", "The same with calling codes: 49|DE.", kind="texts"),
                Member("DestinationInternationalCountryId", "The same with calling codes.", kind="texts"),
            ),
        ),
    ),
    errors=ANY_CALL,
)
