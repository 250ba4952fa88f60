"""The content rules of Telegram.

Required fields: send-chatapp-message.md §4.4, and the SDK's notes on `Content`. Limits: the Bot API's own
(providers/telegram.md).
"""

from typing import Any

from waypost.model import codes
from waypost.model.content.rules import ContentRule, Field, Kind, content_fault, row
from waypost.model.faults import Fault

METHODS = frozenset(
    {
        "sendmessage",
        "sendphoto",
        "sendaudio",
        "senddocument",
        "sendvideo",
        "sendanimation",
        "sendvoice",
        "sendvideonote",
        "sendpaidmedia",
        "sendmediagroup",
        "sendlocation",
        "sendvenue",
        "sendcontact",
        "sendpoll",
        "senddice",
        "sendsticker",
        "sendinvoice",
        "sendgame",
    }
)
"""The methods of the Bot API that send a message, in lower case."""


def telegram() -> dict[str, ContentRule]:
    """The content rules by MessageType."""
    link = Field("link", Kind.URL, missing=codes.LINK_NOT_EMPTY)
    caption = Field("caption", Kind.TEXT, 1024)
    return {
        "text": row(Field("text", Kind.TEXT, 4096, missing=codes.TEXT_NOT_EMPTY)),
        **{kind: row(link, optional=(caption,)) for kind in ("image", "video", "audio", "document", "gif")},
        "sticker": row(link),
        "location": row(Field("latitude", Kind.DEGREES, 90), Field("longitude", Kind.DEGREES, 180)),
        "interactive": row(Field("type", Kind.TEXT, 40), open=True, check=_check_interactive),
    }


def _check_interactive(fields: dict[str, Any]) -> list[Fault]:
    """Checks that `type` is a method of the Bot API and that the member of that name holds its arguments."""
    method = fields.get("type", "")
    if method.lower() not in METHODS:
        allowed = "a method of the Bot API that sends, like sendPhoto, is needed"
        return [content_fault("type", "`type` is {value}", allowed, method)]
    if not isinstance(fields.get(method), dict):
        problem = f"`{method}` is missing or no object"
        return [content_fault(method, problem, f"the arguments of {method} are needed there")]
    return []
