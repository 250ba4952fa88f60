"""The wire format of Meta's Send API for Messenger and Instagram (source: Meta, "Messenger Platform")."""

import secrets
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from aiohttp import web

from waypost.sandbox.chat_server import MALFORMED_ERRORS, Refusal, SubmittedMessage, validated
from waypost.sandbox.loopback import json_response
from waypost.sandbox.phone_actions import Button, meta_buttons
from waypost.sandbox.phone_network import Signer
from waypost.sandbox.sandbox_store import Arrival
from waypost.sandbox.webhook_signatures import meta_signer

Channel = Literal["messenger", "instagram"]

_OBJECTS: dict[Channel, str] = {"messenger": "page", "instagram": "instagram"}
"""Channel to the `object` of its webhooks."""

_REFUSALS = {
    "busy": (500, 1200, None, "Temporary send message failure. Please try again later."),
    "unknown": (400, 100, 2018001, "No matching user found"),
    "blocked": (400, 551, 1545041, "This person isn't available right now."),
}


class PageWireFormat:
    """The messages and webhooks of Facebook pages, or of Instagram accounts.

    Args:
        channel: `messenger` or `instagram`.
        tokens: sender to access token.
        route, webhook_url: the route of the senders and the URL of its webhooks.
        app_secret: signs the webhooks.
    """

    path = "/me/messages"

    def __init__(
        self, channel: Channel, tokens: Mapping[str, str], route: str, webhook_url: str, app_secret: str
    ) -> None:
        self.channel: str = channel
        self._object = _OBJECTS[channel]
        self._reports_delivery = channel == "messenger"
        self._senders = {f"Bearer {token}": sender for sender, token in tokens.items()}
        self._route = route
        self._webhook_url = webhook_url
        self._signer = meta_signer(app_secret)

    def parse_message(self, request: web.Request, body: bytes) -> SubmittedMessage | web.Response:
        """The message of a request, or an error response of the Graph API."""
        sender = self._senders.get(request.headers.get("Authorization", ""))
        if sender is None:
            return _error(401, 190, None, "Invalid OAuth access token")
        try:
            message_body: dict[str, Any] = msgspec.json.decode(body)
            message = message_body["message"]
            if message_body["messaging_type"] not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
                return _error(400, 100, None, "Param messaging_type is not valid")
            text, media = _visible_content(message)
            return validated(
                SubmittedMessage(
                    sender,
                    message_body["recipient"]["id"],
                    text,
                    media,
                    message.get("metadata"),
                    buttons=tuple(meta_buttons(message)),
                )
            )
        except MALFORMED_ERRORS:
            return _error(400, 100, None, "Invalid parameter")

    def refusal_response(self, reason: Refusal, submitted: SubmittedMessage) -> web.Response | None:
        """An error response of the Graph API."""
        return _error(*_REFUSALS[reason])

    def accepted_response(self, submitted: SubmittedMessage, token: str, *, again: bool) -> web.Response:
        """The documented response."""
        mid = token.partition(":")[2]
        return json_response({"recipient_id": submitted.recipient, "message_id": mid})

    def receipt_body(self, submitted: SubmittedMessage, token: str, what: str, at: int) -> object | None:
        """A delivery or read receipt for Messenger, a read receipt for Instagram, else None.

        Messenger reports delivery by message id, after an echo of the message, and reading by a watermark;
        Instagram reports reading by message id. Neither reports an undelivered message.
        """
        mid = token.partition(":")[2]
        match what:
            case "delivered" if self._reports_delivery:
                echo = {"mid": mid, "text": submitted.text, "is_echo": True, "metadata": submitted.reference}
                delivery = {"mids": [mid], "watermark": at}
                return self._envelope(
                    _event(submitted.sender, submitted.recipient, at, message=echo),
                    _event(submitted.recipient, submitted.sender, at, delivery=delivery),
                )
            case "seen":
                read = {"watermark": at} if self._reports_delivery else {"mid": mid}
                return self._envelope(_event(submitted.recipient, submitted.sender, at, read=read))
            case _:
                return None

    def reply_body(self, arrival: Arrival, text: str, at: int) -> object:
        """A webhook with a user's message."""
        message = {"mid": _mid(), "text": text, "reply_to": {"mid": arrival.token.partition(":")[2]}}
        return self._envelope(_event(arrival.recipient, arrival.sender, at, message=message))

    def tap_body(self, arrival: Arrival, button: Button, at: int) -> object | None:
        """A webhook with a postback, or with the message that a quick reply sends."""
        if button.kind == "quick_reply":
            message = {"mid": _mid(), "text": button.text, "quick_reply": {"payload": button.data}}
            return self._envelope(_event(arrival.recipient, arrival.sender, at, message=message))
        postback = {"mid": _mid(), "title": button.text, "payload": button.data}
        return self._envelope(_event(arrival.recipient, arrival.sender, at, postback=postback))

    def block_body(self, arrival: Arrival, blocks: bool, at: int) -> object | None:
        """None: Meta says so when the next message is submitted."""
        return None

    def _envelope(self, *events: dict[str, Any]) -> object:
        page = events[-1]["recipient"]["id"]
        entry = {"id": page, "time": events[-1]["timestamp"], "messaging": list(events)}
        return {"object": self._object, "entry": [entry]}

    def new_token(self, submitted: SubmittedMessage) -> str:
        """The recipient and a new message id, because a watermark applies to the messages of one user."""
        return f"{submitted.recipient}:{_mid()}"

    def webhook_url(self, sender: str) -> str:
        """The webhook URL of the route."""
        return self._webhook_url

    def signers(self) -> dict[str, Signer]:
        """Signs with `X-Hub-Signature-256`."""
        return {self._route: self._signer}


def _visible_content(message: dict[str, Any]) -> tuple[str, str]:
    """The text of a message and the URL of its media, as a phone shows them."""
    if "text" in message:
        return message["text"], ""
    attachment = message["attachment"]
    payload = attachment.get("payload", {})
    if attachment["type"] != "template":
        return "", payload.get("url", f"[{attachment['type']}]")
    match payload["template_type"]:
        case "generic":
            return ", ".join(element["title"] for element in payload["elements"]), ""
        case "button":
            return payload["text"], ""
        case "coupon":
            return payload["title"], ""
        case other:
            return f"[{other}]", ""


def _event(sender: str, recipient: str, at: int, **what: object) -> dict[str, Any]:
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": at, **what}


def _mid() -> str:
    return f"m_{secrets.token_urlsafe(40)}"


def _error(status: int, code: int, subcode: int | None, message: str) -> web.Response:
    error: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    return json_response({"error": error | {"fbtrace_id": "A"}}, status)
