"""ListChatappMessage: lists the messages that an account sent or received, oldest first, one page per call.

Rows are ordered by MessageId, which increases with time: a message sent between two calls comes after all the
rows already read, so no row is repeated or skipped. The official service does not publish its order. Only a
filter on a status can shift rows between pages, since a status changes over time.

A page is complete however many messages have to be looked at for it; that is done a bounded number at a time,
between which other calls are answered.
"""

from functools import partial
from typing import Annotated

from waypost.api.description import Kind, Operation, Parameter, Params
from waypost.api.members import SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.messages.message_row import (
    NOT_ON_DEVICE,
    ON_DEVICE,
    STATUSES,
    MessageRow,
    inbound_row,
    message_row,
)
from waypost.api.operations.messages.time_text import TIME_TEXTS, decode_time
from waypost.api.operations.ownership import OWNER_PARAMETERS, not_owned, space_faults
from waypost.api.operations.paging import Page, decode_page
from waypost.messaging.message_search import find_messages
from waypost.model import codes
from waypost.model.channels import MESSAGE_CHANNELS
from waypost.model.faults import Fault
from waypost.model.identifiers import (
    NO_SPACE,
    AccountId,
    MessageId,
    SpaceId,
    first_of,
    is_message_id,
    last_of_same_moment,
    next_to,
    time_of,
)
from waypost.model.message.leg import LegState
from waypost.model.message.statuses import ACCEPTED, status_of
from waypost.model.people import spellings
from waypost.storage.contract import Store
from waypost.storage.message_search import MessageFilter

_CALLS_PER_SECOND = 50
# The last millisecond of the year 9999: a MessageId has four digits for the year.
_LATEST = 253_402_300_799_999


class ListChatappMessageParams(Params, frozen=True):
    """The filters and the page; an empty filter matches every message."""

    channel_type: Annotated[
        str,
        Parameter(
            "ChannelType",
            "The channel of the messages.",
            "viber",
            required=True,
            allowed=MESSAGE_CHANNELS,
            invalid=codes.CHANNEL_TYPE_NOT_SUPPORT,
        ),
    ] = ""
    business_number: Annotated[
        str,
        Parameter(
            "BusinessNumber",
            "The sender: the From of the messages.",
            "20001",
            required=True,
            invalid=codes.UNKNOWN_RESOURCE_OWNER,
        ),
    ] = ""
    cust_space_id: Annotated[
        SpaceId,
        Parameter(
            "CustSpaceId",
            "The space the messages were sent in.",
            "cams-sandbox",
            required=True,
            invalid=codes.UNKNOWN_RESOURCE_OWNER,
        ),
    ] = NO_SPACE
    page: Annotated[
        Page,
        Parameter(
            "Page",
            "Which part of the list; a page with fewer rows than Size is the last one.",
            '{"Index":1,"Size":10}',
            required=True,
            invalid=codes.PAGE_INVALID,
            kind=Kind.OBJECT,
            decode=decode_page,
        ),
    ] = Page()
    start_time: Annotated[
        int | None,
        Parameter(
            "StartTime",
            "Lists what was accepted at that time or later, milliseconds UTC.",
            "1763869568000",
            required_for="every call without StartTimeStr",
            minimum=0,
            maximum=_LATEST,
            missing=codes.QUERY_PARAM_START_TIME,
        ),
    ] = None
    start_time_str: Annotated[
        int | None,
        Parameter(
            "StartTimeStr",
            f"In place of StartTime: {TIME_TEXTS}.",
            "2026-11-23T03:46:08Z",
            default="StartTime",
            invalid=codes.invalid("StartTimeStr"),
            decode=partial(decode_time, "StartTimeStr", latest=_LATEST),
        ),
    ] = None
    end_time: Annotated[
        int | None,
        Parameter(
            "EndTime",
            "Lists what was accepted at that time or before, milliseconds UTC.",
            "1763955968000",
            minimum=0,
            maximum=_LATEST,
            default="no end",
        ),
    ] = None
    end_time_str: Annotated[
        int | None,
        Parameter(
            "EndTimeStr",
            f"In place of EndTime: {TIME_TEXTS}.",
            "2026-11-24T03:46:08Z",
            default="EndTime",
            invalid=codes.invalid("EndTimeStr"),
            decode=partial(decode_time, "EndTimeStr", latest=_LATEST),
        ),
    ] = None
    event_action: Annotated[
        str,
        Parameter(
            "EventAction",
            "DOWN: what was sent. UP: what people wrote to the sender; filters that only what was sent can "
            "pass let none of it through.",
            "DOWN",
            allowed=("DOWN", "UP"),
            default="DOWN",
        ),
    ] = "DOWN"
    group_message_id: Annotated[
        str,
        Parameter(
            "GroupMessageId",
            "Lists the messages of one SendChatappMassMessage.",
            "2026112303460800000100000",
            invalid=codes.INVALID_PARAMETER,
        ),
    ] = ""
    message_status: Annotated[
        str,
        Parameter(
            "MessageStatus",
            "Lists messages in that status, as MessageStatus of the answer has it.",
            "Delivered",
            allowed=STATUSES,
        ),
    ] = ""
    client_accept_status: Annotated[
        str,
        Parameter(
            "ClientAcceptStatus",
            "Lists messages by whether the recipient's device has them.",
            ON_DEVICE,
            allowed=(ON_DEVICE, NOT_ON_DEVICE),
        ),
    ] = ""
    template_code: Annotated[
        str, Parameter("TemplateCode", "Lists the messages of one template.", "sandbox_welcome")
    ] = ""
    user_number: Annotated[
        str, Parameter("UserNumber", "Lists the messages to one recipient.", "8613900000000")
    ] = ""

    @property
    def since(self) -> int:
        """The first moment of the period, milliseconds UTC; StartTime counts where both are sent."""
        return (self.start_time_str or 0) if self.start_time is None else self.start_time

    @property
    def until(self) -> int:
        """The last moment of the period, milliseconds UTC; EndTime counts where both are sent."""
        end = self.end_time_str if self.end_time is None else self.end_time
        return _LATEST if end is None else end


class ListChatappMessageAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one page of messages."""

    data: Annotated[list[MessageRow], member("The messages, by MessageId.")]


OPERATION = Operation(
    "ListChatappMessage",
    "Lists the messages of a sender in a period, oldest first.",
    ListChatappMessageParams,
    ListChatappMessageAnswer,
    errors=(codes.UNKNOWN_RESOURCE_OWNER,),
    ignored=OWNER_PARAMETERS,
)


async def handle(
    request: Request[ListChatappMessageParams], store: Store
) -> Result[ListChatappMessageAnswer]:
    """Returns one page of messages.

    Raises:
        ApiError: a parameter is invalid.
    """
    params = request.params
    request.refuse(_faults(request))
    rows = await _rows(request, store)
    # A space that was deleted is known by its messages alone.
    if not rows:
        request.refuse(space_faults(request, params.cust_space_id))
    return Result(ListChatappMessageAnswer(data=rows))


async def _rows(request: Request[ListChatappMessageParams], store: Store) -> list[MessageRow]:
    params = request.params
    account_id = request.caller.account_id
    if params.event_action == "UP":
        return await _inbound_rows(account_id, params, store)
    filters = _filters(account_id, params)
    if filters is None:
        return []
    page = params.page
    found = find_messages(store, filters, limit=page.size, skip=page.skipped, newest_first=False)
    return [message_row(message, legs) async for message, legs in found]


def _faults(request: Request[ListChatappMessageParams]) -> list[Fault]:
    params = request.params
    channel, sender, space_id = params.channel_type, params.business_number, params.cust_space_id
    faults: list[Fault] = []
    sender_entry = request.configuration.sender(request.caller.account_id, channel, sender)
    if channel and sender and (sender_entry is None or not sender_entry.is_of(space_id)):
        faults.append(not_owned("BusinessNumber", sender, f"a {channel} sender", "this account and space"))
    if not any(request.raw_params.get(name) for name in ("StartTime", "StartTimeStr")):
        code = codes.QUERY_PARAM_START_TIME
        faults.append(Fault(code, "StartTime", "it is missing", "every call needs it or StartTimeStr"))
    group_id = params.group_message_id
    if group_id and not _is_group_id(group_id):
        allowed = "a GroupMessageId is 25 digits that begin with a date"
        faults.append(Fault(codes.INVALID_PARAMETER, "GroupMessageId", "is not allowed", allowed, group_id))
    return faults


def _is_group_id(text: str) -> bool:
    if not is_message_id(text):
        return False
    try:
        time_of(MessageId(text))
    except ValueError:
        return False
    return True


def _filters(account_id: AccountId, params: ListChatappMessageParams) -> MessageFilter | None:
    """What is searched for; None if no message can match."""
    states: tuple[LegState, ...] = ()
    if params.message_status or params.client_accept_status:
        states = tuple(state for state in LegState if _has_status(state, params))
        if not states:
            return None
    after, before = _id_range(params)
    number = params.user_number
    return MessageFilter(
        account_id=account_id,
        space_id=params.cust_space_id,
        channel=params.channel_type,
        sender=params.business_number,
        # The person in whatever spelling.
        recipients=tuple(dict.fromkeys((number, *spellings(params.channel_type, number)))) if number else (),
        own_leg=True,
        own_states=states,
        template_code=params.template_code,
        group_id=params.group_message_id,
        after=after,
        before=before,
    )


def _has_status(state: LegState, params: ListChatappMessageParams) -> bool:
    """Whether a message whose own leg is in a state matches the filters on its status."""
    on_device = ON_DEVICE if state.delivered else NOT_ON_DEVICE
    return params.message_status in ("", status_of(state)) and params.client_accept_status in ("", on_device)


async def _inbound_rows(
    account_id: AccountId, params: ListChatappMessageParams, store: Store
) -> list[MessageRow]:
    if params.template_code or params.group_message_id or params.message_status not in ("", ACCEPTED):
        return []
    if params.client_accept_status == NOT_ON_DEVICE:
        return []
    messages = await store.inbound_messages.page(
        account_id,
        params.cust_space_id,
        params.channel_type,
        params.business_number,
        user=params.user_number,
        since=params.since,
        until=params.until,
        skip=params.page.skipped,
        limit=params.page.size,
    )
    return [inbound_row(message) for message in messages]


def _id_range(params: ListChatappMessageParams) -> tuple[MessageId, MessageId]:
    """The MessageIds between which to list, both exclusive."""
    first, last = first_of(params.since), last_of_same_moment(first_of(params.until))
    group_id = params.group_message_id
    if group_id:
        # The messages of a group have its millisecond, or the next one where the running number began again.
        end = min(time_of(MessageId(group_id)) + 1, _LATEST)
        first, last = MessageId(max(first, group_id)), min(last, last_of_same_moment(first_of(end)))
    return next_to(first, -1), next_to(last, 1)


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND)
