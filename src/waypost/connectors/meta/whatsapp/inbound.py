"""Parses what WhatsApp users send: messages, presses of buttons, and their choice about marketing messages.

A user may have no number: then the business-scoped id (BSUID) stands for them, `user_id`.

Source: Meta, "Webhooks reference: messages", "user_preferences", and "Business-scoped user ids".
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from waypost.connectors.fields import object_at, required_text, text_at
from waypost.connectors.reports import known_id, required
from waypost.model.foreign_json import foreign_decoder, json_text
from waypost.model.foreign_numbers import read_moment
from waypost.model.message.outcomes import Inbound, InboundType, Receipt

TYPES: dict[str, InboundType] = {
    "text": "TEXT",
    "image": "IMAGE",
    "video": "VIDEO",
    "audio": "AUDIO",
    "document": "DOCUMENT",
    "sticker": "STICKER",
    "location": "LOCATION",
    "contacts": "CONTACTS",
    "button": "BUTTON",
    "interactive": "INTERACTIVE",
    "reaction": "REACTION",
    "order": "ORDER",
    "system": "SYSTEM",
}
"""`type` of a user's message to the inbound type; any other is UNSUPPORTED."""

PREFERENCES = {"stop": True, "resume": False}
"""`value` of a preference about marketing messages to whether the user opted out; others are unknown."""

_decode = foreign_decoder(dict[str, Any])


def parse_message(
    route: str, sender: str, contacts: Sequence[Any], raw: msgspec.Raw
) -> list[Receipt | Inbound]:
    """A user's message.

    Args:
        contacts: the people of the webhook; one that names nobody is everybody's.

    Raises:
        ValueError, KeyError: it cannot be understood.
    """
    message = _decode(raw)
    name = required_text(message, "type")
    kind = TYPES.get(name, "UNSUPPORTED")
    content = message.get(name) or {}
    text = required_text(content, "body") if kind == "TEXT" else json_text(content)
    if kind == "BUTTON":
        text = text_at(content, "text")
    number, user_id = text_at(message, "from"), text_at(message, "from_user_id")
    contact = _contact(contacts, number, user_id)
    user_id = user_id or text_at(contact, "user_id")
    pressed = object_at(content, text_at(content, "type")) if kind == "INTERACTIVE" else {}
    return [
        Inbound(
            route=route,
            channel="whatsapp",
            sender=sender,
            user=known_id(number or user_id),
            at=required(read_moment(message["timestamp"])),
            provider_id=known_id(text_at(message, "id")),
            type=kind,
            text=text,
            caption=text_at(content, "caption")
            or text_at(pressed, "title")
            or text_at(pressed, "body")
            or (text_at(content, "text") if kind == "ORDER" else ""),
            payload=text_at(content, "payload") or text_at(pressed, "id"),
            context_id=text_at(message, "context", "id") or _reacted_to(kind, content),
            group=text_at(message, "group_id"),
            name=text_at(contact, "profile", "name"),
            user_id=user_id,
            parent_user_id=text_at(message, "from_parent_user_id") or text_at(contact, "parent_user_id"),
            user_name=text_at(contact, "profile", "username"),
        )
    ]


def parse_preference(route: str, sender: str, raw: msgspec.Raw) -> list[Receipt | Inbound]:
    """A user's choice whether to get marketing messages; nothing for another preference.

    Raises:
        ValueError, KeyError: it cannot be understood.
    """
    preference = _decode(raw)
    opted_out = PREFERENCES.get(text_at(preference, "value"))
    category = text_at(preference, "category")
    if opted_out is None or category != "marketing_messages":
        return []
    user_id = text_at(preference, "user_id")
    user = known_id(text_at(preference, "wa_id") or user_id)
    at = required(read_moment(preference["timestamp"]))
    return [
        Inbound(
            route=route,
            channel="whatsapp",
            sender=sender,
            user=user,
            at=at,
            provider_id=known_id(f"preference-{user}-{preference['value']}-{at}"),
            type="SYSTEM",
            text=text_at(preference, "detail") or text_at(preference, "value"),
            user_id=user_id,
            opted_out=opted_out,
        )
    ]


def _reacted_to(kind: InboundType, content: Any) -> str:
    return text_at(content, "message_id") if kind == "REACTION" else ""


def _contact(contacts: Sequence[Any], number: str, user_id: str) -> Mapping[str, Any]:
    """Whom the message is from, among the people of the webhook."""
    for contact in contacts:
        ids = (text_at(contact, "wa_id"), text_at(contact, "user_id"))
        if (number and number == ids[0]) or (user_id and user_id == ids[1]) or not any(ids):
            return object_at(contact)
    return {}
