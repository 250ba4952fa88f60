"""The row of a request about a Viber sender, as operations answer it."""

from typing import Annotated, Any

from waypost.api.members import Answer, member
from waypost.model.senders.viber_senders import REQUEST_TYPES, ViberRequest


class RequestRow(Answer, frozen=True):
    """A request about a Viber sender, with its record and the result of its review."""

    request_no: Annotated[str, member("Its number.", "2026112500012345678")]
    request_type: Annotated[str, member(f"One of {', '.join(REQUEST_TYPES)}.", "open")]
    state: Annotated[str, member("unaudit, pass or fail.", "pass")]
    audit_result: Annotated[str, member("The same, once reviewed; empty before.", "pass")]
    reason: Annotated[str, member("Why it failed.")]
    audit_time: Annotated[str, member("When it was reviewed, milliseconds UTC as a text; empty before.")]
    maap_service_no: Annotated[
        str, member("The service ID, the From of the sender; empty before it passed.", "25644")
    ]
    audit_record: Annotated[dict[str, Any], member("The record, as in the call.")]
    creator: Annotated[str, member("Who made the request: a user's id, or the account's.", "acme")]
    modifier: Annotated[str, member("The same.", "acme")]
    gmt_create: Annotated[str, member("When it was made, milliseconds UTC as a text.", "1763869568000")]
    gmt_modifier: Annotated[str, member("When it was changed, milliseconds UTC as a text.", "1763869568000")]
    id: Annotated[str, member("The RequestNo.", "2026112500012345678")]
    subscriber_code: Annotated[str, member("The space.", "cams-8x1k0aq4m2zd")]


def request_row(viber_request: ViberRequest) -> RequestRow:
    """Converts a request to its row."""
    creator = viber_request.user_id or viber_request.account_id
    reviewed = bool(viber_request.reviewed_at)
    return RequestRow(
        request_no=viber_request.id,
        request_type=viber_request.type,
        state=viber_request.status,
        audit_result=viber_request.status if reviewed else "",
        reason=viber_request.reason,
        audit_time=str(viber_request.reviewed_at) if reviewed else "",
        maap_service_no=viber_request.service_id,
        audit_record=viber_request.record,
        creator=creator,
        modifier=creator,
        gmt_create=str(viber_request.created_at),
        gmt_modifier=str(viber_request.updated_at),
        id=viber_request.id,
        subscriber_code=viber_request.space_id,
    )
