"""The content rules of LINE.

Required fields: send-chatapp-message.md §4.4, and the SDK's notes on `Content`. Limits: LINE's own OpenAPI of
the Messaging API. What the fields do not name is LINE's and is kept as it is.
"""

from typing import Any

from waypost.model import codes
from waypost.model.content.rules import ContentRule, Field, Kind, content_fault, row
from waypost.model.faults import Fault

MOST_MESSAGES = 5
MESSAGE_TYPES = frozenset(
    {
        "text",
        "textV2",
        "sticker",
        "image",
        "video",
        "audio",
        "location",
        "imagemap",
        "template",
        "flex",
        "coupon",
    }
)
"""The types of LINE's message objects."""


def line() -> dict[str, ContentRule]:
    """The content rules by MessageType."""
    text = Field("text", Kind.TEXT, 5000, missing=codes.TEXT_NOT_EMPTY)
    alt_text = Field("altText", Kind.TEXT, 1500)
    # LINE fetches files by HTTPS alone.
    link = Field("link", Kind.URL, 2000, missing=codes.LINK_NOT_EMPTY, https=True)
    preview = Field("previewImageUrl", Kind.URL, 2000, https=True)
    actions = Field("actions", Kind.LIST, 4, "actions", needs=("type",))
    titled = (Field("title", Kind.TEXT, 40), Field("thumbnailImageUrl", Kind.URL, 2000, https=True), alt_text)
    return {
        "text": row(text),
        "image": row(link, preview),
        "video": row(link, preview),
        # LINE counts milliseconds, as its own interface does.
        "audio": row(link, Field("duration", Kind.NUMBER, 86_400_000, "milliseconds")),
        "buttons": row(text._replace(limit=160), actions, optional=titled, open=True),
        "confirm": row(text._replace(limit=240), actions._replace(limit=2), optional=(alt_text,)),
        "carousel": row(_columns("text", "actions"), optional=(alt_text,), open=True),
        "imageCarousel": row(_columns("imageUrl", "action"), optional=(alt_text,)),
        "quickReply": row(text, Field("items", Kind.LIST, 13, "items", needs=("action",))),
        "sticker": row(Field("packageId", Kind.NUMBER, 10**15, "packages"), _sticker()),
        "location": row(
            Field("title", Kind.TEXT, 100),
            Field("address", Kind.TEXT, 100),
            Field("latitude", Kind.DEGREES, 90),
            Field("longitude", Kind.DEGREES, 180),
        ),
        "textV2": row(text, optional=(Field("substitution", Kind.OBJECT),)),
        "coupon": row(Field("couponId", Kind.TEXT)),
        # LINE itself needs baseSize and actions too; ChatApp asks for these two only.
        "imagemap": row(Field("baseUrl", Kind.URL, 2000, https=True), alt_text, open=True),
        "flex": row(Field("contents", Kind.OBJECT, needs=("type",)), alt_text),
        "interactive": row(
            optional=(Field("type", Kind.TEXT, 20), Field("messages", Kind.LIST, MOST_MESSAGES, "messages")),
            open=True,
            check=_check_interactive,
        ),
    }


def _columns(*needs: str) -> Field:
    return Field("columns", Kind.LIST, 10, "columns", needs=needs)


def _sticker() -> Field:
    return Field("stickerId", Kind.NUMBER, 10**15, "stickers")


def _check_interactive(fields: dict[str, Any]) -> list[Fault]:
    """Checks that it is one message object of LINE, or `messages` with up to five."""
    messages = fields.get("messages")
    for place, message in enumerate([fields] if messages is None else messages):
        kind = message.get("type")
        if kind in MESSAGE_TYPES:
            continue
        where = "type" if messages is None else f"messages[{place}].type"
        allowed = f"one of {', '.join(sorted(MESSAGE_TYPES))} is needed"
        return [content_fault(where.partition("[")[0], f"`{where}` is missing or not LINE's", allowed)]
    return []
