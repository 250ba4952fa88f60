"""The rows of ListChatappMessage for what people wrote (EventAction UP)."""

from typing import Any

from waypost.model.identifiers import DAY_MS, first_of
from waypost.model.message.statuses import ACCEPTED
from waypost.storage.inbound_messages import InboundMessage


def inbound_row(message: InboundMessage) -> dict[str, Any]:
    """One row; what only messages of the sender have is empty."""
    kind = message.type.lower()
    return {
        "MessageId": message.provider_id,
        "UniqueMessageId": message.provider_id,
        "BusinessNumber": message.sender,
        "UserNumber": message.user,
        "ChannelType": message.channel,
        "MessageSource": "inbound",
        "EventAction": "UP",
        "EventActionName": ACCEPTED,
        "Type": "message",
        "MessageType": kind,
        "MessageTypeName": kind,
        "Message": message.text,
        "MessageStatus": ACCEPTED,
        "MessageStatusName": ACCEPTED,
        "ClientAcceptStatusName": "Accepted",
        "ClientReadStatus": "Unread",
        "ClientReadStatusName": "Unread",
        "FailReason": "",
        "FailBackFlag": "N",
        "FailBackContent": "",
        "TemplateCode": "",
        "TemplateName": "",
        "LanguageCode": "",
        "ConversationId": "",
        "SendTime": str(message.at),
        "Month": first_of(message.at // DAY_MS * DAY_MS)[:6],
    }
