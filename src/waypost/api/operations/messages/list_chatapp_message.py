"""ListChatappMessage: what an account has sent, or what people wrote to it, oldest first, a page at a time.

The order is that of the MessageIds, which rise with time: a message that is sent while somebody reads the
pages comes after all that were read, so no row comes twice and none is missed. The official service does not
publish its order. Only a filter on a status, which changes by itself, can move rows between two pages.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from waypost.api.description import Kind, Parameter, without_effect
from waypost.api.errors.catalogue import refuse
from waypost.api.legacy_description import Operation
from waypost.api.members import Member
from waypost.api.operations.legacy import Endpoint, Request, Result
from waypost.api.operations.messages.inbound_rows import inbound_row
from waypost.api.operations.recurring import (
    ANY_CALL,
    NOT_YOURS,
    OWNERS,
    SOURCE,
    SUCCESS,
    not_yours,
    space_faults,
)
from waypost.api.structured import PAGE_INVALID, Page, read_page
from waypost.model import codes
from waypost.model.content.table import CHANNELS
from waypost.model.faults import Fault
from waypost.model.identifiers import DAY_MS, first_of, last_of_same_moment
from waypost.model.message.leg import Leg, LegState
from waypost.model.message.message import Message
from waypost.model.message.statuses import ACCEPTED, status_of
from waypost.model.quoting import quoted
from waypost.storage.contract import Store

_CALLS_PER_SECOND = 50
_GROUP_INVALID = codes.INVALID_PARAMETER
_AT_A_TIME = 500
# The last millisecond of the year 9999: a MessageId has four digits for the year.
_LATEST = 253_402_300_799_999
_STATUSES = (ACCEPTED, "Sent", "Delivered", "Read", "Failed")
_P = Parameter

LIST_CHATAPP_MESSAGE = Operation(
    name="ListChatappMessage",
    summary="Lists the messages of a sender in a stretch of time, oldest first.",
    source=SOURCE + "listchatappmessage",
    parameters=(
        _P(
            "ChannelType",
            "The channel of the messages.",
            "viber",
            required=True,
            allowed=tuple(CHANNELS),
            invalid=codes.CHANNEL_TYPE_NOT_SUPPORT,
        ),
        _P(
            "BusinessNumber",
            "The sender: the From of the messages.",
            "20001",
            required=True,
            invalid=NOT_YOURS,
        ),
        _P(
            "CustSpaceId",
            "The space the messages were sent in.",
            "cams-sandbox",
            required=True,
            invalid=NOT_YOURS,
        ),
        _P(
            "Page",
            "Which part of the list; a page with fewer rows than Size is the last one.",
            '{"Index":1,"Size":10}',
            required=True,
            invalid=PAGE_INVALID,
            kind=Kind.OBJECT,
        ),
        _P(
            "StartTime",
            "Lists what was accepted at that time or later, milliseconds UTC.",
            "1763869568000",
            required=True,
            minimum=0,
            maximum=_LATEST,
            missing=codes.QUERY_PARAM_START_TIME,
            kind=Kind.INTEGER,
        ),
        _P(
            "EndTime",
            "Lists what was accepted at that time or before, milliseconds UTC.",
            "1763955968000",
            minimum=0,
            maximum=_LATEST,
            default="no end",
            kind=Kind.INTEGER,
        ),
        _P(
            "EventAction",
            "DOWN: what was sent. UP: what people wrote to the sender; filters that only what was sent can "
            "pass let none of it through.",
            "DOWN",
            allowed=("DOWN", "UP"),
            default="DOWN",
        ),
        _P(
            "GroupMessageId",
            "Lists the messages of one SendChatappMassMessage.",
            "2026112303460800000100000",
            invalid=_GROUP_INVALID,
        ),
        _P(
            "MessageStatus",
            "Lists messages in that status, as MessageStatus of the answer has it.",
            "Delivered",
            allowed=_STATUSES,
        ),
        _P(
            "ClientAcceptStatus",
            "Lists messages by whether the recipient's device has them.",
            "Accepted",
            allowed=("Accepted", "Unaccepted"),
        ),
        _P("TemplateCode", "Lists the messages of one template.", "sandbox_welcome"),
        _P("UserNumber", "Lists the messages to one recipient.", "8613900000000"),
        *without_effect("StartTimeStr", "EndTimeStr"),
        *OWNERS,
    ),
    answer=(
        SUCCESS,
        Member(
            "Data",
            "The messages, by MessageId.",
            kind="array",
            members=(
                Member(
                    "MessageId",
                    "The id of the message; the provider's for what people wrote.",
                    "2026112303460800000100000",
                ),
                Member("UniqueMessageId", "The same id.", "2026112303460800000100000"),
                Member("BusinessNumber", "The sender.", "20001"),
                Member("UserNumber", "The recipient.", "8613900000000"),
                Member("ChannelType", "The channel.", "viber"),
                Member("MessageSource", "outbound, or inbound for what people wrote.", "outbound"),
                Member("EventAction", "DOWN, or UP for what people wrote.", "DOWN"),
                Member("EventActionName", "The MessageStatus.", "Delivered"),
                Member("Type", "template or message.", "template"),
                Member("MessageType", "The form of the message.", "text"),
                Member("MessageTypeName", "The MessageType.", "text"),
                Member(
                    "Message",
                    "What was said: Content as JSON text; what people wrote as it was told.",
                    '{"text":"hello"}',
                ),
                Member(
                    "MessageStatus",
                    "Of the message on its own channel: Success (accepted, not sent), Sent, Delivered, Read "
                    "or Failed.",
                    "Delivered",
                ),
                Member("MessageStatusName", "The MessageStatus.", "Delivered"),
                Member("ClientAcceptStatusName", "Accepted or Unaccepted: is it on the device.", "Accepted"),
                Member("ClientReadStatus", "Read or Unread.", "Unread"),
                Member("ClientReadStatusName", "The ClientReadStatus.", "Unread"),
                Member("FailReason", "With Failed: code and text.", "9:not a Viber user"),
                Member("FailBackFlag", "Y when the fallback was sent, otherwise N.", "N"),
                Member("FailBackContent", "With Y: the text of the fallback.", ""),
                Member("TemplateCode", "Of a template message.", "sandbox_welcome"),
                Member("TemplateName", "Of a template message.", "sandbox_welcome"),
                Member("LanguageCode", "Of a template message.", "en"),
                Member("ConversationId", "Always empty.", ""),
                Member("SendTime", "When it was accepted, milliseconds UTC, as a text.", "1763869568000"),
                Member("Month", "The month of SendTime, UTC.", "202511"),
            ),
        ),
    ),
    errors=(*ANY_CALL, NOT_YOURS),
)


class _Asked(NamedTuple):
    """A call's filters; an empty one lets all pass.

    Attributes:
        inbound: what people wrote is meant, not what was sent.
        since, until: milliseconds UTC.
    """

    sender: str
    space_id: str
    channel: str
    recipient: str
    template_code: str
    group_id: str
    status: str
    accepted: str
    inbound: bool
    since: int
    until: int

    def wants(self, message: Message) -> bool:
        """Whether a message passes, as far as the message alone can say."""
        return (
            message.sender == self.sender
            and message.channel == self.channel
            and message.space_id == self.space_id
            and self.recipient in ("", message.recipient)
            and self.template_code in ("", message.template_code)
            and self.group_id in ("", message.group_id)
        )

    @property
    def by_status(self) -> bool:
        """Whether a filter looks at what became of a message."""
        return bool(self.status or self.accepted)

    def wants_status(self, row: Mapping[str, Any]) -> bool:
        """Whether what became of it passes."""
        return self.status in ("", row["MessageStatus"]) and self.accepted in (
            "",
            row["ClientAcceptStatusName"],
        )


async def handle(request: Request) -> Result:
    """Lists one page.

    Raises:
        ApiError: the call's faults.
    """
    asked, page, after, until = _read(request)
    if asked.inbound:
        return Result({"Success": True, "Data": await _inbound(request, asked, page)})
    account_id = request.caller.account_id
    rows: list[dict[str, Any]] = []
    skip = page.skipped
    async for message in _each(request.store, account_id, after, until, asked.wants):
        if not asked.by_status and skip:
            skip -= 1
            continue
        row = message_row(message, await request.store.find_legs(message.message_id))
        if not asked.wants_status(row):
            continue
        if skip:
            skip -= 1
            continue
        rows.append(row)
        if len(rows) == page.size:
            break
    return Result({"Success": True, "Data": rows})


async def _inbound(request: Request, asked: _Asked, page: Page) -> list[dict[str, Any]]:
    if asked.template_code or asked.group_id or asked.status not in ("", ACCEPTED):
        return []
    if asked.accepted == "Unaccepted":
        return []
    found = await request.store.inbound_messages.page(
        request.caller.account_id,
        asked.space_id,
        asked.channel,
        asked.sender,
        user=asked.recipient,
        since=asked.since,
        until=asked.until,
        skip=page.skipped,
        limit=page.size,
    )
    return [inbound_row(message) for message in found]


def _read(request: Request) -> tuple[_Asked, Page, str, str]:
    """The filters, the page, and the stretch of MessageIds: above the first one, up to the second.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers, faults = LIST_CHATAPP_MESSAGE.read(request.given)
    page, wrong = read_page(texts.get("Page"))
    faults += wrong
    channel, sender = texts.get("ChannelType", ""), texts.get("BusinessNumber", "")
    space_id = texts.get("CustSpaceId", "")
    found = request.configuration.sender(request.caller.account_id, channel, sender)
    if channel and sender and (found is None or not found.is_of(space_id)):
        what = f"a {channel} sender"
        faults.append(not_yours("BusinessNumber", sender, what, "this account and space"))
    faults += space_faults(request, texts)
    group_id = texts.get("GroupMessageId", "")
    if group_id and not (len(group_id) == 25 and group_id.isascii() and group_id.isdecimal()):
        text = f"{quoted(group_id)} is not allowed; a GroupMessageId is 25 digits."
        faults.append(Fault(_GROUP_INVALID, "GroupMessageId", text))
    refuse(LIST_CHATAPP_MESSAGE, faults)
    after, until = first_of(numbers["StartTime"]), last_of_same_moment(first_of(_LATEST))
    if "EndTime" in numbers:
        until = last_of_same_moment(first_of(numbers["EndTime"]))
    if group_id:
        # The messages of a call are made in the same millisecond as their group, so a group is found at once.
        after, until = max(after, group_id[:16] + "0" * 9), min(until, last_of_same_moment(group_id))
    asked = _Asked(
        sender=sender,
        space_id=space_id,
        channel=channel,
        recipient=texts.get("UserNumber", ""),
        template_code=texts.get("TemplateCode", ""),
        group_id=group_id,
        status=texts.get("MessageStatus", ""),
        accepted=texts.get("ClientAcceptStatus", ""),
        inbound=texts.get("EventAction") == "UP",
        since=numbers["StartTime"],
        until=numbers.get("EndTime", _LATEST),
    )
    # `after` itself is left out by the store, and can be a message's id.
    return asked, page, str(int(after) - 1).zfill(25), until


async def _each(
    store: Store, account_id: str, after: str, until: str, wanted: Callable[[Message], bool]
) -> AsyncIterator[Message]:
    while True:
        messages = await store.messages_between(account_id, after, until, _AT_A_TIME)
        for message in messages:
            if wanted(message):
                yield message
        if len(messages) < _AT_A_TIME:
            return
        after = messages[-1].message_id
        # A long list must not hold up the calls of others.
        await asyncio.sleep(0)


def message_row(message: Message, legs: list[Leg]) -> dict[str, Any]:
    """One row of the list."""
    own = legs[0] if legs else None
    state = own.state if own is not None else LegState.QUEUED
    status = status_of(state)
    fell_back = len(legs) > 1
    steps = message.fallback.steps if message.fallback is not None else ()
    read = "Read" if state is LegState.READ else "Unread"
    return {
        "MessageId": message.message_id,
        "UniqueMessageId": message.message_id,
        "BusinessNumber": message.sender,
        "UserNumber": message.recipient,
        "ChannelType": message.channel,
        "MessageSource": "outbound",
        "EventAction": "DOWN",
        "EventActionName": status,
        "Type": "template" if message.template_code else "message",
        "MessageType": message.message_type,
        "MessageTypeName": message.message_type,
        "Message": msgspec.json.encode(message.content).decode(),
        "MessageStatus": status,
        "MessageStatusName": status,
        "ClientAcceptStatusName": "Accepted" if state.delivered else "Unaccepted",
        "ClientReadStatus": read,
        "ClientReadStatusName": read,
        "FailReason": f"{own.code}:{own.text}" if own is not None and status == "Failed" else "",
        "FailBackFlag": "Y" if fell_back else "N",
        "FailBackContent": steps[0].text if fell_back and steps else "",
        "TemplateCode": message.template_code,
        "TemplateName": message.template_name,
        "LanguageCode": message.language,
        "ConversationId": "",
        "SendTime": str(message.accepted_at),
        "Month": first_of(message.accepted_at // DAY_MS * DAY_MS)[:6],
    }


ENDPOINTS = (Endpoint(LIST_CHATAPP_MESSAGE, handle, _CALLS_PER_SECOND),)
