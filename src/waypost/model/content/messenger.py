"""The content rules of Messenger and Instagram.

ChatApp publishes the fields of texts and media alone (send-chatapp-message.md §4.4, and the SDK's notes on
`Content`). The others hold what Meta's own object of that kind holds, by Meta's names and without its
`template_type`: quick replies, the generic, the button and the coupon template; `interactive` is a whole
`message` of the Send API. Limits: Meta's pages of them (Messenger Platform, "Message templates" and "Quick
replies").
"""

from typing import Any

from waypost.model import codes
from waypost.model.content.rules import ContentRule, Field, Kind, content_fault, row
from waypost.model.faults import Fault

ATTACHMENTS = frozenset({"image", "audio", "video", "file", "template", "MEDIA_SHARE", "like_heart"})
"""The types of attachment that the Send API documents."""

_LONGEST_TITLE = 80
_LONGEST_LABEL = 20
_MOST_BUTTONS = 3


def messenger() -> dict[str, ContentRule]:
    """The content rules by MessageType."""
    return _rows(Field("text", Kind.TEXT, 2000, missing=codes.TEXT_NOT_EMPTY))


def instagram() -> dict[str, ContentRule]:
    """The content rules by MessageType."""
    return _rows(Field("text", Kind.TEXT, 1000, "bytes", missing=codes.TEXT_NOT_EMPTY))


def _rows(text: Field) -> dict[str, ContentRule]:
    link = Field("link", Kind.URL, missing=codes.LINK_NOT_EMPTY)
    replies = Field("quick_replies", Kind.LIST, 13, "quick replies", needs=("content_type",))
    buttons = Field("buttons", Kind.LIST, _MOST_BUTTONS, "buttons", needs=("type",))
    return {
        "text": row(text),
        **{kind: row(link) for kind in ("image", "video", "document", "audio")},
        "interactive": row(
            optional=(
                text._replace(missing=codes.CONTENT_ERROR),
                Field("attachment", Kind.OBJECT, needs=("type",)),
                replies,
            ),
            open=True,
            check=_check_message,
        ),
        "couponTemplate": row(Field("title", Kind.TEXT, _LONGEST_TITLE), open=True, check=_check_coupon),
        "regularTemplate": row(
            Field("elements", Kind.LIST, 10, "elements", needs=("title",)), open=True, check=_check_elements
        ),
        "quickReply": row(text, replies, check=_check_replies),
        "buttonTemplate": row(text._replace(limit=640, unit="characters"), buttons, check=_check_buttons),
    }


def _check_message(fields: dict[str, Any]) -> list[Fault]:
    """Checks that a message has a text or an attachment, not both."""
    attachment = fields.get("attachment")
    if ("text" in fields) is (attachment is not None):
        return [content_fault("text", "Either `text` or `attachment` is needed, and not both")]
    if attachment is not None and attachment["type"] not in ATTACHMENTS:
        allowed = f"one of {', '.join(sorted(ATTACHMENTS))} is needed"
        kind = str(attachment["type"])
        return [content_fault("attachment", "`attachment.type` is {value}", allowed, kind)]
    return _check_replies(fields)


def _check_coupon(fields: dict[str, Any]) -> list[Fault]:
    if fields.get("coupon_code") or fields.get("coupon_url"):
        return []
    problem = "`coupon_code` or `coupon_url` is missing"
    return [content_fault("coupon_code", problem, "a coupon needs one of them")]


def _check_elements(fields: dict[str, Any]) -> list[Fault]:
    faults = []
    for place, element in enumerate(fields["elements"]):
        where = f"elements[{place}]"
        faults += [
            *_too_long("elements", f"{where}.title", element.get("title"), _LONGEST_TITLE),
            *_too_long("elements", f"{where}.subtitle", element.get("subtitle"), _LONGEST_TITLE),
        ]
        buttons = element.get("buttons") or []
        if not isinstance(buttons, list) or len(buttons) > _MOST_BUTTONS:
            problem = f"`{where}.buttons` must be a list of at most {_MOST_BUTTONS} buttons"
            faults.append(content_fault("elements", problem))
    return faults


def _check_replies(fields: dict[str, Any]) -> list[Fault]:
    faults = []
    for place, reply in enumerate(fields.get("quick_replies", ())):
        where = f"quick_replies[{place}].title"
        if reply["content_type"] == "text" and not reply.get("title"):
            problem = f"`{where}` is missing"
            faults.append(content_fault("quick_replies", problem, "a quick reply of text needs it"))
        faults += _too_long("quick_replies", where, reply.get("title"), _LONGEST_LABEL)
    return faults


def _check_buttons(fields: dict[str, Any]) -> list[Fault]:
    return [
        fault
        for place, button in enumerate(fields["buttons"])
        for fault in _too_long("buttons", f"buttons[{place}].title", button.get("title"), _LONGEST_LABEL)
    ]


def _too_long(member: str, where: str, text: object, limit: int) -> list[Fault]:
    if text is None or (isinstance(text, str) and len(text) <= limit):
        return []
    return [content_fault(member, f"`{where}` must be a text of at most {limit} characters")]
