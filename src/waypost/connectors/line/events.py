"""Parses LINE's events: messages, postbacks, and users or groups that leave an account or come back.

Source: LINE's OpenAPI of webhooks.
"""

from typing import Any

from msgspec.structs import replace

from waypost.connectors.fields import object_at, required_text, text_at
from waypost.connectors.reports import known_id, required
from waypost.model.foreign_json import json_text
from waypost.model.foreign_numbers import read_moment
from waypost.model.message.outcomes import Inbound, InboundType

TYPES: dict[str, InboundType] = {
    "text": "TEXT",
    "image": "IMAGE",
    "video": "VIDEO",
    "audio": "AUDIO",
    "file": "DOCUMENT",
    "sticker": "STICKER",
    "location": "LOCATION",
}
"""`type` of a message to the inbound type; any other is UNSUPPORTED."""

MEMBERSHIPS = {"unfollow": True, "leave": True, "follow": False, "join": False}
"""`type` of an event to whether a user, or a group, opted out."""


OTHER_EVENTS = frozenset(
    {
        "accountLink",
        "activated",
        "beacon",
        "botResumed",
        "botSuspended",
        "deactivated",
        "delivery",
        "memberJoined",
        "memberLeft",
        "membership",
        "module",
        "things",
        "unsend",
        "videoPlayComplete",
    }
)
"""`type` of the events of which nothing is wanted."""


def parse_event(route: str, event: dict[str, Any]) -> list[Inbound]:
    """What a user sent; empty for an event of another documented kind.

    Raises:
        ValueError, KeyError: it cannot be understood.
    """
    kind = text_at(event, "type")
    source = object_at(event, "source")
    group = text_at(source, "groupId") or text_at(source, "roomId")
    user = text_at(source, "userId") or group
    if kind in OTHER_EVENTS:
        return []
    if kind not in ("message", "postback", *MEMBERSHIPS):
        raise ValueError("an event of a kind that is not known")
    inbound = Inbound(
        route=route,
        channel="line",
        # `destination` is the bot's user id, not the channel id; the route has only one sender.
        sender="",
        user=known_id(user),
        at=required(read_moment(event["timestamp"], in_milliseconds=True)),
        provider_id=known_id(text_at(event, "webhookEventId")),
        type="SYSTEM",
        text=kind,
        group=group,
        opted_out=MEMBERSHIPS.get(kind),
    )
    if kind == "message":
        return [_message(inbound, object_at(event, "message"))]
    return [_postback(inbound, object_at(event, "postback"))] if kind == "postback" else [inbound]


def _message(inbound: Inbound, message: dict[str, Any]) -> Inbound:
    kind = TYPES.get(required_text(message, "type"), "UNSUPPORTED")
    text = required_text(message, "text") if kind == "TEXT" else json_text(message)
    return replace(inbound, type=kind, text=text, context_id=text_at(message, "quotedMessageId"))


def _postback(inbound: Inbound, postback: dict[str, Any]) -> Inbound:
    """A press of a button; LINE does not say what stands on it. Of a picker it has what was picked."""
    data, picked = required_text(postback, "data"), object_at(postback, "params")
    return replace(inbound, type="BUTTON", text=json_text(picked) if picked else data, payload=data)
