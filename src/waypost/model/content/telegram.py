"""The rows of Telegram in the content table.

Required fields: send-chatapp-message.md §4.4, and the SDK's notes on `Content`. Limits: the Bot API's own
(providers/telegram.md).
"""

from typing import Any

from waypost.model.codes import CONTENT_ERROR, LINK_NOT_EMPTY, TEXT_NOT_EMPTY
from waypost.model.content.rules import ContentRule, Field, Kind, row
from waypost.model.faults import Fault
from waypost.model.quoting import quoted

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
    """MessageType to rule."""
    link = Field("link", Kind.URL, missing=LINK_NOT_EMPTY)
    caption = Field("caption", Kind.TEXT, 1024)
    return {
        "text": row(Field("text", Kind.TEXT, 4096, missing=TEXT_NOT_EMPTY)),
        **{kind: row(link, optional=(caption,)) for kind in ("image", "video", "audio", "document", "gif")},
        "sticker": row(link),
        "location": row(Field("latitude", Kind.DEGREES, 90), Field("longitude", Kind.DEGREES, 180)),
        "interactive": row(Field("type", Kind.TEXT, 40), open=True, check=_check_interactive),
    }


def _check_interactive(fields: dict[str, Any]) -> list[Fault]:
    """Its type is a method of the Bot API, and the member of that name its arguments."""
    method = fields.get("type", "")
    if method.lower() not in METHODS:
        said = f"`type` is {quoted(method)}; a method of the Bot API that sends, like sendPhoto, is needed."
        return [Fault(CONTENT_ERROR, "Content.type", said)]
    if not isinstance(fields.get(method), dict):
        said = f"`{method}` is missing or no object; the arguments of {method} are needed there."
        return [Fault(CONTENT_ERROR, f"Content.{method}", said)]
    return []
