"""The wire format of LINE's Messaging API, as the sandbox speaks it (providers/line.md)."""

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from waypost.sandbox.chat_server import MALFORMED, Refusal, SubmittedMessage, answer, checked
from waypost.sandbox.phone_network import Signer
from waypost.sandbox.sandbox_store import Arrival
from waypost.sandbox.webhook_signatures import line_signer

_MOST_MESSAGES = 5


class LineChannel(NamedTuple):
    """A channel: its access token, its route and where its events go."""

    token: str
    route: str
    receipts: str


class LineForm:
    """Some LINE Official Accounts.

    Args:
        channels: sender (the channel id) to channel.
        channel_secret: signs the webhooks of all.
    """

    channel = "line"
    path = "/v2/bot/message/push"

    def __init__(self, channels: Mapping[str, LineChannel], channel_secret: str) -> None:
        self._channels = channels
        self._senders = {f"Bearer {channel.token}": sender for sender, channel in channels.items()}
        self._signer = line_signer(channel_secret)

    def read(self, request: web.Request, body: bytes) -> SubmittedMessage | web.Response:
        """A push, or an error."""
        sender = self._senders.get(request.headers.get("Authorization", ""))
        if sender is None:
            return answer({"message": "Authentication failed"}, 401)
        try:
            push: dict[str, Any] = msgspec.json.decode(body)
            to, messages = push["to"], push["messages"]
            if not 0 < len(messages) <= _MOST_MESSAGES:
                return answer({"message": "Size must be between 1 and 5"}, 400)
            shown = [_shown(message) for message in messages]
            text = "\n".join(text for text, _ in shown if text)
            media = next((link for _, link in shown if link), "")
            key = request.headers.get("X-Line-Retry-Key", "")
            return checked(SubmittedMessage(sender, to, text, media, key=key))
        except MALFORMED:
            return answer({"message": "The request body has 1 error(s)"}, 400)

    def refusal_answer(self, why: Refusal, submitted: SubmittedMessage) -> web.Response | None:
        """An error; of a block nothing is said, as by the real one."""
        match why:
            case "busy":
                return answer({"message": "The API rate limit has been exceeded. Try again later."}, 429)
            case "unknown":
                return answer({"message": "Failed to send messages"}, 400)
            case "blocked":
                return None

    def accepted(self, submitted: SubmittedMessage, token: str, *, again: bool) -> web.Response:
        """The documented answer; 409 for a retry key that was accepted before."""
        sent = {"sentMessages": [{"id": token}]}
        if again:
            return answer({"message": "The retry key is already accepted", **sent}, 409)
        return answer(sent)

    def receipt_body(self, submitted: SubmittedMessage, token: str, what: str, at: int) -> object | None:
        """Nothing: there are no receipts for a push."""
        return None

    def reply_body(self, arrival: Arrival, text: str, at: int) -> object:
        """A message event."""
        event = {
            "type": "message",
            "mode": "active",
            "timestamp": at,
            "webhookEventId": secrets.token_hex(13).upper(),
            "deliveryContext": {"isRedelivery": False},
            "source": {"type": "user", "userId": arrival.recipient},
            "replyToken": secrets.token_hex(16),
            "message": {"id": str(secrets.randbelow(1 << 60)), "type": "text", "text": text},
        }
        return {"destination": "U0", "events": [event]}

    def token(self, submitted: SubmittedMessage) -> str:
        """An id as LINE's look."""
        return str((1 << 58) + secrets.randbits(57))

    def address(self, sender: str) -> str:
        """The route's."""
        return self._channels[sender].receipts

    def signers(self) -> dict[str, Signer]:
        """`x-line-signature`."""
        return {channel.route: self._signer for channel in self._channels.values()}


def _shown(message: dict[str, Any]) -> tuple[str, str]:
    """What a phone shows of a message: its text and its medium."""
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
