"""Parses Telegram's updates: messages, pressed inline buttons, and users who block a bot or come back.

Source: https://core.telegram.org/bots/api#update (Bot API 10.1).
"""

from typing import Any

from waypost.connectors.fields import object_at, required_text, text_at
from waypost.connectors.reports import known_id, required
from waypost.model.foreign_json import json_text
from waypost.model.foreign_numbers import read_moment
from waypost.model.message.outcomes import Inbound, InboundType

MEDIA: tuple[tuple[str, InboundType], ...] = (
    ("photo", "IMAGE"),
    ("video", "VIDEO"),
    ("video_note", "VIDEO"),
    ("voice", "AUDIO"),
    ("audio", "AUDIO"),
    # An animation also has a `document` for older bots, so it precedes that.
    ("animation", "VIDEO"),
    ("document", "DOCUMENT"),
    ("sticker", "STICKER"),
    ("location", "LOCATION"),
    ("contact", "CONTACTS"),
)
"""Member of a message to the inbound type; the first that there is."""

MEMBERSHIPS = {
    "kicked": True,
    "left": True,
    "member": False,
    "restricted": False,
    "administrator": False,
    "creator": False,
}
"""`status` of the bot in a chat to whether the chat opted out: a user who blocks a bot kicks it."""


OTHER_UPDATES = frozenset(
    {
        "business_connection",
        "business_message",
        "channel_post",
        "chat_boost",
        "chat_join_request",
        "chat_member",
        "chosen_inline_result",
        "deleted_business_messages",
        "edited_business_message",
        "edited_channel_post",
        "edited_message",
        "inline_query",
        "message_reaction",
        "message_reaction_count",
        "poll",
        "poll_answer",
        "pre_checkout_query",
        "purchased_paid_media",
        "removed_chat_boost",
        "shipping_query",
    }
)
"""The members of updates of which nothing is wanted."""


def parse_update(route: str, update: dict[str, Any]) -> list[Inbound]:
    """What a user sent; empty for an update of another documented kind.

    Raises:
        ValueError, KeyError: it cannot be understood.
    """
    update_id = known_id(text_at(update, "update_id"))
    if update.get("message") is not None:
        return [_message(route, update_id, object_at(update, "message"))]
    if update.get("callback_query") is not None:
        return [_pressed(route, update_id, object_at(update, "callback_query"))]
    if update.get("my_chat_member") is not None:
        return _membership(route, update_id, object_at(update, "my_chat_member"))
    if not OTHER_UPDATES.intersection(update):
        raise ValueError("an update of a kind that is not known")
    return []


def _message(route: str, update_id: str, message: dict[str, Any]) -> Inbound:
    kind, text = _content(message)
    chat, replied_to = (
        known_id(text_at(message, "chat", "id")),
        text_at(message, "reply_to_message", "message_id"),
    )
    return Inbound(
        route=route,
        channel="telegram",
        # The update does not name the bot; the route has only one sender.
        sender="",
        user=chat,
        at=required(read_moment(message["date"])),
        provider_id=update_id,
        type=kind,
        text=text,
        caption=text_at(message, "caption"),
        context_id=f"{chat}:{replied_to}" if replied_to else "",
        group=_group(message),
        name=_name(message),
        user_id=_user_id(message, chat),
        user_name=text_at(message, "from", "username"),
        migrated_to=text_at(message, "migrate_to_chat_id"),
    )


def _pressed(route: str, update_id: str, query: dict[str, Any]) -> Inbound:
    """A button of a message that was pressed; of an inline message, which has no chat, by its user."""
    message = object_at(query, "message")
    chat = known_id(text_at(message, "chat", "id") or text_at(query, "from", "id"))
    data = text_at(query, "data") or text_at(query, "game_short_name")
    message_id = text_at(message, "message_id")
    return Inbound(
        route=route,
        channel="telegram",
        sender="",
        user=chat,
        # Telegram does not say when it was pressed.
        at=None,
        provider_id=update_id,
        type="BUTTON",
        text=_title(message, data) or data,
        payload=data,
        context_id=f"{chat}:{message_id}" if message_id else text_at(query, "inline_message_id"),
        group=_group(message),
        name=_name(query),
        user_id=_user_id(query, chat),
        user_name=text_at(query, "from", "username"),
        acknowledgement=text_at(query, "id"),
    )


def _membership(route: str, update_id: str, change: dict[str, Any]) -> list[Inbound]:
    status = text_at(change, "new_chat_member", "status")
    opted_out = MEMBERSHIPS.get(status)
    if opted_out is None:
        raise ValueError("a status of a member that is not known")
    chat = known_id(text_at(change, "chat", "id"))
    return [
        Inbound(
            route=route,
            channel="telegram",
            sender="",
            user=chat,
            at=required(read_moment(change["date"])),
            provider_id=update_id,
            type="SYSTEM",
            text=status,
            group=_group(change),
            name=_name(change),
            user_name=text_at(change, "from", "username"),
            opted_out=opted_out,
        )
    ]


def _content(message: dict[str, Any]) -> tuple[InboundType, str]:
    if message.get("text") is not None:
        return "TEXT", required_text(message, "text")
    for member, kind in MEDIA:
        if message.get(member) is not None:
            return kind, json_text(message[member])
    return "UNSUPPORTED", ""


def _title(message: dict[str, Any], data: str) -> str:
    """What stands on the button with that data."""
    rows = object_at(message, "reply_markup").get("inline_keyboard")
    buttons = [button for row in rows for button in row] if isinstance(rows, list) else []
    titles = (text_at(each, "text") for each in buttons if text_at(each, "callback_data") == data)
    return next(titles, "") if data else ""


def _group(of: dict[str, Any]) -> str:
    """The chat, unless it is a private one."""
    chat = object_at(of, "chat")
    return text_at(chat, "id") if text_at(chat, "type") not in ("", "private") else ""


def _name(of: dict[str, Any]) -> str:
    author = object_at(of, "from")
    return f"{text_at(author, 'first_name')} {text_at(author, 'last_name')}".strip()


def _user_id(of: dict[str, Any], chat: str) -> str:
    """Who wrote in a group; in a private chat it has the same id."""
    author = text_at(of, "from", "id")
    return author if author != chat else ""
