"""Parses what users of Messenger and Instagram send: messages, reactions, pressed buttons, opt-outs.

Sources: Meta, Messenger Platform, "Webhooks" (messages, messaging_postbacks, message_reactions,
messaging_optins); Instagram Messaging, "Webhooks".
"""

from typing import Any, NamedTuple

from waypost.connectors.fields import object_at, required_text, text_at
from waypost.connectors.reports import known_id, required
from waypost.model.foreign_json import json_text
from waypost.model.foreign_numbers import read_moment
from waypost.model.message.outcomes import Inbound, InboundType

ATTACHMENTS: dict[str, InboundType] = {
    "image": "IMAGE",
    "video": "VIDEO",
    "ig_reel": "VIDEO",
    "reel": "VIDEO",
    "audio": "AUDIO",
    "file": "DOCUMENT",
    "location": "LOCATION",
}
"""`type` of an attachment to the inbound type; any other is UNSUPPORTED."""

OPT_INS = {"STOP_NOTIFICATIONS": True, "RESUME_NOTIFICATIONS": False}
"""`notification_messages_status` of an opt-in to whether the user opted out; without one they opted in."""


class _Part(NamedTuple):
    """One callback's worth of what a user sent."""

    type: InboundType
    text: str
    payload: str = ""


def message_id(user: str, mid: str) -> str:
    """The provider id to store for a message; it begins with the user, because watermarks are per user."""
    return f"{user}:{mid}"


def parse_inbound(route: str, channel: str, event: dict[str, Any]) -> list[Inbound]:
    """What a user sent; a message can have a text and several attachments, each of which is one.

    Raises:
        ValueError, KeyError: it cannot be understood.
    """
    user = known_id(text_at(event, "sender", "id"))
    at = required(read_moment(event["timestamp"], in_milliseconds=True))
    mid, answered, parts = _content(event, user)
    status = text_at(event, "optin", "notification_messages_status")
    return [
        Inbound(
            route=route,
            channel=channel,
            sender=text_at(event, "recipient", "id"),
            user=user,
            at=at,
            provider_id=known_id(mid if index == 0 else f"{mid}#{index}"),
            type=part.type,
            text=part.text,
            payload=part.payload,
            context_id=message_id(user, answered) if answered else "",
            opted_out=OPT_INS.get(status, False) if event.get("optin") is not None else None,
        )
        for index, part in enumerate(parts)
    ]


def _content(event: dict[str, Any], user: str) -> tuple[str, str, list[_Part]]:
    """The id, the id of the message that it answers, and the parts."""
    message = object_at(event, "message")
    if message:
        answered = text_at(message, "reply_to", "mid") or text_at(message, "reply_to", "story", "id")
        return text_at(message, "mid"), answered, _parts(message)
    at = event["timestamp"]
    postback, reaction = object_at(event, "postback"), object_at(event, "reaction")
    if postback:
        payload = text_at(postback, "payload")
        pressed = _Part("BUTTON", text_at(postback, "title") or payload, payload)
        return text_at(postback, "mid") or f"postback-{user}-{at}", "", [pressed]
    if reaction:
        answered = text_at(reaction, "mid")
        return f"reaction-{user}-{at}", answered, [_Part("REACTION", json_text(reaction))]
    optin = object_at(event, "optin")
    if not optin:
        raise ValueError("neither a message nor a press of a button")
    if not text_at(optin, "type"):
        # By a plugin of a page of the customer's: no choice about messages.
        return f"optin-{user}-{at}", "", []
    status = text_at(optin, "notification_messages_status") or text_at(optin, "type")
    return f"optin-{user}-{at}", "", [_Part("SYSTEM", status, text_at(optin, "payload"))]


def _parts(message: dict[str, Any]) -> list[_Part]:
    if message.get("is_deleted"):
        return []
    attachments = [
        _Part(
            ATTACHMENTS.get(text_at(attachment, "type"), "UNSUPPORTED"),
            json_text(object_at(attachment, "payload")),
        )
        for attachment in message.get("attachments") or ()
    ]
    if message.get("text") is None:
        return attachments or [_Part("UNSUPPORTED", "")]
    quick_reply = message.get("quick_reply")
    payload = text_at(quick_reply, "payload")
    return [
        _Part("TEXT" if quick_reply is None else "BUTTON", required_text(message, "text"), payload),
        *attachments,
    ]
