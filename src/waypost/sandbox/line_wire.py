"""The wire format of LINE's Messaging API (source: LINE Developers, "Messaging API reference")."""

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from waypost.sandbox.chat_server import MALFORMED_ERRORS, Refusal, SubmittedMessage, validated
from waypost.sandbox.loopback import json_response
from waypost.sandbox.phone_actions import Button, line_buttons
from waypost.sandbox.phone_network import Signer
from waypost.sandbox.sandbox_store import Arrival
from waypost.sandbox.webhook_signatures import line_signer

_MAX_MESSAGES = 5


class LineChannel(NamedTuple):
    """A LINE channel: its access token, its route and the URL of its webhooks."""

    token: str
    route: str
    webhook_url: str


class LineWireFormat:
    """The messages and webhooks of LINE Official Accounts.

    Args:
        channels: sender (the channel id) to channel.
        channel_secret: signs the webhooks of all channels.
    """

    channel = "line"
    path = "/v2/bot/message/push"

    def __init__(self, channels: Mapping[str, LineChannel], channel_secret: str) -> None:
        self._channels = channels
        self._senders = {f"Bearer {channel.token}": sender for sender, channel in channels.items()}
        self._signer = line_signer(channel_secret)

    def parse_message(self, request: web.Request, body: bytes) -> SubmittedMessage | web.Response:
        """The message of a push request, or an error response."""
        sender = self._senders.get(request.headers.get("Authorization", ""))
        if sender is None:
            return json_response({"message": "Authentication failed"}, 401)
        try:
            push: dict[str, Any] = msgspec.json.decode(body)
            to, messages = push["to"], push["messages"]
            if not 0 < len(messages) <= _MAX_MESSAGES:
                return json_response({"message": "Size must be between 1 and 5"}, 400)
            contents = [_visible_content(message) for message in messages]
            text = "\n".join(text for text, _ in contents if text)
            media = next((link for _, link in contents if link), "")
            key = request.headers.get("X-Line-Retry-Key", "")
            buttons = tuple(button for message in messages for button in line_buttons(message))
            return validated(SubmittedMessage(sender, to, text, media, key=key, buttons=buttons))
        except MALFORMED_ERRORS:
            return json_response({"message": "The request body has 1 error(s)"}, 400)

    def refusal_response(self, reason: Refusal, submitted: SubmittedMessage) -> web.Response | None:
        """An error response; None for a blocked sender, which LINE does not report."""
        match reason:
            case "busy":
                return json_response(
                    {"message": "The API rate limit has been exceeded. Try again later."}, 429
                )
            case "unknown":
                return json_response({"message": "Failed to send messages"}, 400)
            case "blocked":
                return None

    def accepted_response(self, submitted: SubmittedMessage, token: str, *, again: bool) -> web.Response:
        """The documented response; 409 for a retry key that was accepted before."""
        sent = {"sentMessages": [{"id": token}]}
        if again:
            return json_response({"message": "The retry key is already accepted", **sent}, 409)
        return json_response(sent)

    def receipt_body(self, submitted: SubmittedMessage, token: str, what: str, at: int) -> object | None:
        """None: LINE sends no receipts for a push."""
        return None

    def reply_body(self, arrival: Arrival, text: str, at: int) -> object:
        """A webhook with a message event."""
        message = {"id": str(secrets.randbelow(1 << 60)), "type": "text", "text": text}
        return _event("message", arrival, at, replyToken=secrets.token_hex(16), message=message)

    def tap_body(self, arrival: Arrival, button: Button, at: int) -> object | None:
        """A webhook with a postback event."""
        postback = {"data": button.data}
        return _event("postback", arrival, at, replyToken=secrets.token_hex(16), postback=postback)

    def block_body(self, arrival: Arrival, blocks: bool, at: int) -> object | None:
        """A webhook with an unfollow event, or a follow event."""
        return _event("unfollow" if blocks else "follow", arrival, at)

    def new_token(self, submitted: SubmittedMessage) -> str:
        """A message id of 18 digits, as LINE's."""
        return str((1 << 58) + secrets.randbits(57))

    def webhook_url(self, sender: str) -> str:
        """The webhook URL of the channel."""
        return self._channels[sender].webhook_url

    def signers(self) -> dict[str, Signer]:
        """Signs with `x-line-signature`."""
        return {channel.route: self._signer for channel in self._channels.values()}


def _event(kind: str, arrival: Arrival, at: int, **members: object) -> object:
    """A webhook with one event of a user."""
    event = {
        "type": kind,
        "mode": "active",
        "timestamp": at,
        "webhookEventId": secrets.token_hex(13).upper(),
        "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": arrival.recipient},
        **members,
    }
    return {"destination": "U0", "events": [event]}


def _visible_content(message: dict[str, Any]) -> tuple[str, str]:
    """The text of a message and the URL of its media, as a phone shows them."""
    match message["type"]:
        case "text" | "textV2":
            return message["text"], ""
        case "image" | "video" | "audio":
            return "", message["originalContentUrl"]
        case "template" | "flex":
            return message["altText"], ""
        case "imagemap":
            return message["altText"], message["baseUrl"]
        case "location":
            return f"{message['title']} ({message['latitude']}, {message['longitude']})", ""
        case "sticker":
            return f"[sticker {message['packageId']}/{message['stickerId']}]", ""
        case "coupon":
            return f"[coupon {message['couponId']}]", ""
        case other:
            raise KeyError(other)
