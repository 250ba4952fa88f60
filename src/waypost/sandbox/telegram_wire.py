"""The wire format of Telegram's Bot API (source: Telegram, "Bot API")."""

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from waypost.sandbox.chat_server import MALFORMED_ERRORS, Refusal, SubmittedMessage
from waypost.sandbox.loopback import json_response
from waypost.sandbox.phone_actions import Button, buttons_of, telegram_buttons
from waypost.sandbox.phone_network import Signer
from waypost.sandbox.sandbox_store import Arrival
from waypost.sandbox.webhook_signatures import telegram_signer

_MEDIA = ("photo", "video", "audio", "document", "animation", "sticker", "voice")
_REFUSALS = {
    "busy": (429, "Too Many Requests: retry after 1", {"retry_after": 1}),
    "unknown": (400, "Bad Request: chat not found", None),
    "blocked": (403, "Forbidden: bot was blocked by the user", None),
}


class Bot(NamedTuple):
    """A bot: its token, its route and the URL of its webhooks."""

    token: str
    route: str
    webhook_url: str


class TelegramWireFormat:
    """The messages and webhooks of bots.

    Args:
        bots: sender to bot.
        secret_token: the token that authenticates every webhook.
    """

    channel = "telegram"
    path = "/bot{token}/{method}"

    def __init__(self, bots: Mapping[str, Bot], secret_token: str) -> None:
        self._bots = bots
        self._senders = {bot.token: sender for sender, bot in bots.items()}
        self._signer = telegram_signer(secret_token)

    def parse_message(self, request: web.Request, body: bytes) -> SubmittedMessage | web.Response:
        """The message of a request, or an error response of the Bot API."""
        sender = self._senders.get(request.match_info["token"])
        method = request.match_info["method"]
        if sender is None:
            return _error(401, "Unauthorized")
        if not method.lower().startswith("send"):
            return _error(404, "Not Found")
        try:
            message_body: dict[str, Any] = msgspec.json.decode(body)
            to = str(message_body["chat_id"])
        except MALFORMED_ERRORS:
            return _error(400, "Bad Request: chat_id is empty")
        media = next((str(message_body[member]) for member in _MEDIA if member in message_body), "")
        text = str(
            message_body.get("text") or message_body.get("caption") or message_body.get("question") or ""
        )
        if "latitude" in message_body and "longitude" in message_body:
            text = f"({message_body['latitude']}, {message_body['longitude']})"
        if not text and not media:
            return _error(400, "Bad Request: message text is empty")
        try:
            buttons = tuple(telegram_buttons(message_body.get("reply_markup") or {}))
        except MALFORMED_ERRORS:
            return _error(400, "Bad Request: can't parse reply keyboard markup JSON object")
        return SubmittedMessage(sender, to, text, media, buttons=buttons)

    def refusal_response(self, reason: Refusal, submitted: SubmittedMessage) -> web.Response | None:
        """An error response of the Bot API."""
        return _error(*_REFUSALS[reason])

    def accepted_response(self, submitted: SubmittedMessage, token: str, *, again: bool) -> web.Response:
        """The documented response, with the message's number in its chat."""
        return json_response({"ok": True, "result": {"message_id": int(token.rpartition(":")[2])}})

    def receipt_body(self, submitted: SubmittedMessage, token: str, what: str, at: int) -> object | None:
        """None: Telegram reports neither delivery nor reading to bots."""
        return None

    def reply_body(self, arrival: Arrival, text: str, at: int) -> object:
        """A webhook with a user's message."""
        message = {
            "message_id": secrets.randbelow(1 << 31),
            "from": _user(arrival),
            "chat": _chat(arrival),
            "date": at // 1000,
            "text": text,
        }
        return _update("message", message)

    def tap_body(self, arrival: Arrival, button: Button, at: int) -> object | None:
        """A webhook with a callback query, which has the message with its buttons."""
        inline = [
            [{"text": each.text, "callback_data": each.data}]
            for each in buttons_of(arrival)
            if each.kind == button.kind
        ]
        message = {
            "message_id": int(arrival.token.rpartition(":")[2]),
            "from": {"id": 1, "is_bot": True, "first_name": "Bot"},
            "chat": _chat(arrival),
            "date": (arrival.received_at or at) // 1000,
            "text": arrival.text,
            "reply_markup": {"inline_keyboard": inline},
        }
        query = {
            "id": str(secrets.randbelow(1 << 60)),
            "from": _user(arrival),
            "message": message,
            "chat_instance": str(secrets.randbelow(1 << 60)),
            "data": button.data,
        }
        return _update("callback_query", query)

    def block_body(self, arrival: Arrival, blocks: bool, at: int) -> object | None:
        """A webhook of a bot that was kicked out of a private chat, or is a member again."""
        bot = {"id": 1, "is_bot": True, "first_name": "Bot"}
        before, after = ("member", "kicked") if blocks else ("kicked", "member")
        change = {
            "chat": _chat(arrival),
            "from": _user(arrival),
            "date": at // 1000,
            "old_chat_member": {"user": bot, "status": before},
            "new_chat_member": {"user": bot, "status": after},
        }
        return _update("my_chat_member", change)

    def new_token(self, submitted: SubmittedMessage) -> str:
        """The chat and a new number, which is unique in its chat only."""
        return f"{submitted.recipient}:{1 + secrets.randbelow(1 << 31)}"

    def webhook_url(self, sender: str) -> str:
        """The webhook URL of the bot."""
        return self._bots[sender].webhook_url

    def signers(self) -> dict[str, Signer]:
        """Shows the secret token."""
        return {bot.route: self._signer for bot in self._bots.values()}


def _chat(arrival: Arrival) -> dict[str, Any]:
    return {"id": int(arrival.recipient), "type": "private"}


def _user(arrival: Arrival) -> dict[str, Any]:
    return {"id": int(arrival.recipient), "is_bot": False, "first_name": "Zoe"}


def _update(kind: str, content: object) -> object:
    return {"update_id": secrets.randbelow(1 << 31), kind: content}


def _error(code: int, description: str, parameters: dict[str, int] | None = None) -> web.Response:
    members: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return json_response(members | ({"parameters": parameters} if parameters else {}), code)
