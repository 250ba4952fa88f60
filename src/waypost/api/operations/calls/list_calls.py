"""ListCalls, Waypost's own: shows the calls that are on record, one page per call."""

from collections.abc import Sequence
from typing import Annotated

from waypost.api.description import Operation, Parameter, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.paging import Page, PageIndex, PageSize
from waypost.messaging.call_history import find_call
from waypost.storage.call_records import CallFilter, CallRecord
from waypost.storage.contract import Store

_LATEST = 253_402_300_799_999


class ListCallsParams(Params, frozen=True):
    """The filters and the page; an absent filter matches every call."""

    request_id: Annotated[
        str,
        Parameter(
            "RequestId",
            "Lists that one call, whatever came of it. Other filters do not count.",
            "019A7C55-E31D-1EB2-8939-A94866411B20",
        ),
    ] = ""
    operation: Annotated[
        str, Parameter("Operation", "Lists the calls of that operation.", "SendChatappMessage")
    ] = ""
    code: Annotated[str, Parameter("Code", "Lists the calls with that code.", "MissingTo")] = ""
    start_time: Annotated[
        int | None,
        Parameter(
            "StartTime",
            "Lists calls from that time on, milliseconds UTC.",
            "1763869568000",
            minimum=0,
            maximum=_LATEST,
        ),
    ] = None
    end_time: Annotated[
        int | None,
        Parameter(
            "EndTime",
            "Lists calls before that time, milliseconds UTC.",
            "1763955968000",
            minimum=0,
            maximum=_LATEST,
        ),
    ] = None
    page_index: PageIndex = 1
    page_size: PageSize = 10


class CallRow(Answer, frozen=True):
    """A call on record."""

    request_id: Annotated[str, member("Its RequestId.", "019A7C55-E31D-1EB2-8939-A94866411B20")]
    create_time: Annotated[int, member("When it was answered, milliseconds UTC.")]
    access_key_id: Annotated[str, member("The key that it named.", "WPexample")]
    operation: Annotated[str, member("Its Action.", "SendChatappMessage")]
    code: Annotated[str, member("What it was answered; OK if it was accepted.", "MissingTo")]
    milliseconds: Annotated[
        int | None, member("How long the answer took; null if a message was accepted by it.", "3")
    ]
    message_id: Annotated[
        str,
        member("The MessageId or GroupMessageId of its answer; empty for none.", "2026112303460800000100000"),
    ]
    source_ip: Annotated[str, member("The network address that it came from.", "192.0.2.1")]
    is_authenticated: Annotated[bool, member("Whether its signature was right.")]
    parameters: Annotated[
        dict[str, str], member("Its parameters; values of people and of content are masked.")
    ]
    unknown_parameters: Annotated[
        Sequence[str], member("Names that the operation does not know: these had no effect.", "Lable")
    ]
    string_to_sign: Annotated[
        str, member("For a wrong signature: what was expected to be signed, its values masked likewise.")
    ]
    signature: Annotated[str, member("For a wrong signature: the one that was sent.")]


class ListCallsAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one page of calls."""

    data: Annotated[list[CallRow], member("The calls; a page with fewer rows than PageSize is the last one.")]


OPERATION = Operation(
    "ListCalls",
    "Lists calls on record, the latest first: all but those that a message was accepted by, which "
    "ListChatappMessage lists. By RequestId it finds these too. Calls are listed within a second.",
    ListCallsParams,
    ListCallsAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


async def handle(request: Request[ListCallsParams], store: Store) -> Result[ListCallsAnswer]:
    """Returns one page of calls.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    params, account_id = request.params, request.caller.account_id
    if params.request_id:
        record = await find_call(store, params.request_id)
        found = [record] if record is not None and record.account_id == account_id else []
    else:
        filters = CallFilter(
            account_id=account_id,
            operation=params.operation or None,
            code=params.code or None,
            since=params.start_time,
            until=params.end_time,
        )
        page = Page(params.page_index, params.page_size)
        found = await store.call_records.page(filters, skip=page.skipped, limit=page.size)
    return Result(ListCallsAnswer(data=[_row(record) for record in found]))


def _row(record: CallRecord) -> CallRow:
    return CallRow(
        request_id=record.request_id,
        create_time=record.at,
        access_key_id=record.access_key_id,
        operation=record.operation,
        code=record.code,
        milliseconds=record.ms,
        message_id=record.message_id,
        source_ip=record.peer,
        is_authenticated=record.is_authenticated,
        parameters=dict(record.parameters),
        unknown_parameters=record.unknown,
        string_to_sign=record.string_to_sign,
        signature=record.signature,
    )


ENDPOINT = Endpoint(OPERATION, handle)
