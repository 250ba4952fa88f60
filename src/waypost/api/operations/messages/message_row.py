"""The row of ListChatappMessage for a sent message, or for one that a user wrote (EventAction UP)."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from waypost.api.members import Answer, member
from waypost.model.identifiers import DAY_MS, first_of
from waypost.model.message.leg import Leg, LegState
from waypost.model.message.message import Message
from waypost.model.message.statuses import ACCEPTED, status_of
from waypost.storage.records import InboundMessage

STATUSES = (ACCEPTED, "Sent", "Delivered", "Read", "Failed")
"""The values of MessageStatus."""
ON_DEVICE, NOT_ON_DEVICE = "Accepted", "Unaccepted"
"""The values of ClientAcceptStatus."""


class MessageRow(Answer, frozen=True):
    """A sent or received message."""

    message_id: Annotated[
        str,
        member("The id of the message; the provider's for what people wrote.", "2026112303460800000100000"),
    ]
    unique_message_id: Annotated[str, member("The same id.", "2026112303460800000100000")]
    business_number: Annotated[str, member("The sender.", "20001")]
    user_number: Annotated[str, member("The recipient.", "8613900000000")]
    channel_type: Annotated[str, member("The channel.", "viber")]
    message_source: Annotated[str, member("outbound, or inbound for what people wrote.", "outbound")]
    event_action: Annotated[str, member("DOWN, or UP for what people wrote.", "DOWN")]
    event_action_name: Annotated[str, member("The MessageStatus.", "Delivered")]
    type: Annotated[str, member("template or message.", "template")]
    message_type: Annotated[str, member("The form of the message.", "text")]
    message_type_name: Annotated[str, member("The MessageType.", "text")]
    message: Annotated[
        str,
        member(
            "What was sent, Content as JSON text; or what a person wrote, as in its callback.",
            '{"text":"hello"}',
        ),
    ]
    message_status: Annotated[
        str,
        member(
            "Of the message on its own channel: Success (accepted, not sent), Sent, Delivered, Read or "
            "Failed.",
            "Delivered",
        ),
    ]
    message_status_name: Annotated[str, member("The MessageStatus.", "Delivered")]
    client_accept_status_name: Annotated[
        str, member("Accepted or Unaccepted: is it on the device.", ON_DEVICE)
    ]
    client_read_status: Annotated[str, member("Read or Unread.", "Unread")]
    client_read_status_name: Annotated[str, member("The ClientReadStatus.", "Unread")]
    fail_reason: Annotated[str, member("With Failed: code and text.", "9:not a Viber user")]
    fail_back_flag: Annotated[str, member("Y when the fallback was sent, otherwise N.", "N")]
    fail_back_content: Annotated[str, member("With Y: the text of the fallback.", "")]
    template_code: Annotated[str, member("Of a template message.", "sandbox_welcome")]
    template_name: Annotated[str, member("Of a template message.", "sandbox_welcome")]
    language_code: Annotated[str, member("Of a template message.", "en")]
    conversation_id: Annotated[str, member("Always empty.", "")]
    send_time: Annotated[str, member("When it was accepted, milliseconds UTC, as a text.", "1763869568000")]
    month: Annotated[str, member("The month of SendTime, UTC.", "202511")]


def message_row(message: Message, legs: Sequence[Leg]) -> MessageRow:
    """The row of a sent message; `legs` are its legs, leg 0 first."""
    own = legs[0] if legs else None
    state = own.state if own is not None else LegState.QUEUED
    status = status_of(state)
    fell_back = len(legs) > 1
    steps = message.fallback.steps if message.fallback is not None else ()
    read = "Read" if state is LegState.READ else "Unread"
    return MessageRow(
        message_id=message.message_id,
        unique_message_id=message.message_id,
        business_number=message.sender,
        user_number=message.recipient,
        channel_type=message.channel,
        message_source="outbound",
        event_action="DOWN",
        event_action_name=status,
        type="template" if message.template_code else "message",
        message_type=message.message_type,
        message_type_name=message.message_type,
        message=msgspec.json.encode(message.content).decode(),
        message_status=status,
        message_status_name=status,
        client_accept_status_name=ON_DEVICE if state.delivered else NOT_ON_DEVICE,
        client_read_status=read,
        client_read_status_name=read,
        fail_reason=f"{own.code}:{own.text}" if own is not None and status == "Failed" else "",
        fail_back_flag="Y" if fell_back else "N",
        fail_back_content=steps[0].text if fell_back and steps else "",
        template_code=message.template_code,
        template_name=message.template_name,
        language_code=message.language,
        conversation_id="",
        send_time=str(message.accepted_at),
        month=_month(message.accepted_at),
    )


def inbound_row(message: InboundMessage) -> MessageRow:
    """The row of a message that a user wrote; the members that only sent messages have are empty."""
    kind = message.type.lower()
    return MessageRow(
        message_id=message.provider_id,
        unique_message_id=message.provider_id,
        business_number=message.sender,
        user_number=message.user,
        channel_type=message.channel,
        message_source="inbound",
        event_action="UP",
        event_action_name=ACCEPTED,
        type="message",
        message_type=kind,
        message_type_name=kind,
        message=message.text,
        message_status=ACCEPTED,
        message_status_name=ACCEPTED,
        client_accept_status_name=ON_DEVICE,
        client_read_status="Unread",
        client_read_status_name="Unread",
        fail_reason="",
        fail_back_flag="N",
        fail_back_content="",
        template_code="",
        template_name="",
        language_code="",
        conversation_id="",
        send_time=str(message.at),
        month=_month(message.at),
    )


def _month(at: int) -> str:
    """Formats the year and month of a time in milliseconds UTC: `202511`."""
    return first_of(at // DAY_MS * DAY_MS)[:6]
