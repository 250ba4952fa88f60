"""The content rules of WhatsApp, and the shape of its interactive messages.

Required fields: send-chatapp-message.md §4.3, and the SDK's notes on `Content`. Limits: the Cloud API's own
(providers/whatsapp.md). `typing_indicator`, `pin` and `carousel` have no published Content: their fields are
our reading of what the Cloud API needs for them.
"""

from typing import Any

from waypost.model import codes
from waypost.model.content.rules import ContentRule, Field, Kind, content_fault, row
from waypost.model.faults import Fault

LONGEST_TEXT = 4096
LONGEST_BODY = 1024
LONGEST_FOOTER = 60

INTERACTIVE_TYPES = frozenset(
    {
        "button",
        "list",
        "cta_url",
        "product",
        "product_list",
        "catalog_message",
        "flow",
        "carousel",
        "location_request_message",
        "address_message",
        "call_permission_request",
    }
)
"""The kinds of interactive message that the Cloud API documents."""

_MOST_BUTTONS = 3
_MOST_SECTIONS = 10
_MOST_PRODUCTS = 30
# Of these the Cloud API needs `action.name` or nothing; of the rest it needs what `_ACTIONS` says.
_ACTIONS = {
    "button": ("buttons",),
    "list": ("button", "sections"),
    "cta_url": ("parameters",),
    "product": ("catalog_id", "product_retailer_id"),
    "product_list": ("catalog_id", "sections"),
    "flow": ("parameters",),
    "carousel": ("cards",),
}
_LENGTHS = {"buttons": _MOST_BUTTONS, "sections": _MOST_SECTIONS}


def whatsapp() -> dict[str, ContentRule]:
    """The content rules by MessageType."""
    link = Field("link", Kind.URL, missing=codes.LINK_NOT_EMPTY)
    caption = Field("caption", Kind.TEXT, LONGEST_BODY)
    message_id = Field("messageId", Kind.TEXT)
    interactive = (Field("header", Kind.OBJECT), Field("body", Kind.OBJECT), Field("footer", Kind.OBJECT))
    action = Field("action", Kind.OBJECT)
    return {
        "text": row(
            Field("text", Kind.TEXT, LONGEST_TEXT, missing=codes.TEXT_NOT_EMPTY),
            optional=(Field("previewUrl", Kind.FLAG),),
        ),
        "image": row(link, optional=(caption,)),
        "video": row(link, optional=(caption,)),
        "audio": row(link),
        # One page says that a document's caption has no effect, another allows it: it is carried.
        "document": row(link, Field("fileName", Kind.TEXT, 240), optional=(caption,)),
        "interactive": row(
            Field("type", Kind.CHOICE, choices=INTERACTIVE_TYPES),
            action,
            optional=interactive,
            check=check_interactive,
        ),
        "location": row(
            Field("longitude", Kind.DEGREES, 180),
            Field("latitude", Kind.DEGREES, 90),
            optional=(Field("name", Kind.TEXT, 1000), Field("address", Kind.TEXT, 1000)),
        ),
        "contacts": row(
            Field("contacts", Kind.LIST, 257, "contacts", needs=("name",)),
            bare="contacts",
            check=_check_contacts,
        ),
        "reaction": row(message_id, Field("emoji", Kind.TEXT, 32)),
        "sticker": row(link),
        "typing_indicator": row(message_id),
        "pin": row(message_id, optional=(Field("expirationDays", Kind.NUMBER, 30, "days"),)),
        "carousel": row(action, optional=interactive[1:2], check=_check_carousel),
    }


def check_interactive(fields: dict[str, Any]) -> list[Fault]:
    """Checks the members of an interactive message as far as the Cloud API publishes their shape."""
    kind, action = fields.get("type"), fields.get("action")
    faults = [
        *_text_of(fields, "body", LONGEST_BODY),
        *_text_of(fields, "footer", LONGEST_FOOTER),
    ]
    if kind == "product_list" and "header" not in fields:
        faults.append(content_fault("header", "`header` is missing", "an interactive product_list needs it"))
    if kind == "product" and "header" in fields:
        problem = "`header` is given"
        faults.append(content_fault("header", problem, "an interactive product may not have it"))
    if kind != "product" and kind is not None and "body" not in fields:
        faults.append(content_fault("body", "`body` is missing", f"an interactive {kind} needs it"))
    if isinstance(kind, str) and isinstance(action, dict):
        faults += _check_action(kind, action)
    return faults


def _check_action(kind: str, action: dict[str, Any]) -> list[Fault]:
    faults = []
    for member in _ACTIONS.get(kind, ()):
        if not action.get(member):
            problem = f"`action.{member}` is missing"
            faults.append(content_fault("action", problem, f"an interactive {kind} needs it"))
    for member, most in _LENGTHS.items():
        items = action.get(member)
        if items is None:
            continue
        if not isinstance(items, list):
            problem = f"`action.{member}` is not a list"
            faults.append(content_fault("action", problem, "a JSON array is needed"))
        elif len(items) > most:
            problem = f"`action.{member}` has {len(items)} items"
            faults.append(content_fault("action", problem, f"at most {most} are allowed"))
    return faults


def _check_contacts(fields: dict[str, Any]) -> list[Fault]:
    for place, contact in enumerate(fields.get("contacts", ())):
        name = contact["name"]
        if (
            isinstance(name, dict)
            and name.get("formatted_name")
            and len([part for part in name.values() if part]) > 1
        ):
            continue
        problem = f"`contacts[{place}].name` needs formatted_name and one more part, such as first_name"
        return [content_fault("contacts", problem)]
    return []


def _check_carousel(fields: dict[str, Any]) -> list[Fault]:
    action = fields.get("action")
    return _text_of(fields, "body", LONGEST_BODY) + (
        _check_action("carousel", action) if isinstance(action, dict) else []
    )


def _text_of(fields: dict[str, Any], member: str, limit: int) -> list[Fault]:
    part = fields.get(member)
    if part is None:
        return []
    text = part.get("text")
    if not isinstance(text, str) or not text:
        return [content_fault(member, f"`{member}.text` is missing", "a string is needed")]
    if len(text) > limit:
        problem = f"`{member}.text` has {len(text)} characters"
        return [content_fault(member, problem, f"at most {limit} are allowed")]
    return []
