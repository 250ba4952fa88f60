"""The wire format of the WhatsApp Cloud API (source: Meta, "WhatsApp Cloud API")."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from waypost.sandbox.chat_server import MALFORMED_ERRORS, Refusal, SubmittedMessage, validated
from waypost.sandbox.loopback import json_response
from waypost.sandbox.phone_actions import Button, whatsapp_buttons
from waypost.sandbox.phone_network import Signer
from waypost.sandbox.sandbox_store import Arrival
from waypost.sandbox.webhook_signatures import meta_signer
from waypost.sandbox.whatsapp_templates import (
    QUICK_REPLY,
    MismatchError,
    TemplateLookup,
    render_template,
    template_buttons,
)

_REFUSALS = {
    "busy": (503, 131016, "Service unavailable"),
    "unknown": (400, 131026, "Message undeliverable"),
    "blocked": (400, 131050, "The user has stopped marketing messages"),
}
_STATUSES = {"delivered": "delivered", "seen": "read"}


class WhatsAppWireFormat:
    """The messages and webhooks of a WhatsApp business account.

    Args:
        token: the access token of requests.
        numbers: sender to phone number id.
        template: finds the templates that the account has at Meta.
        route, webhook_url: the route of the senders and the URL of its webhooks.
        app_secret: signs the webhooks.
    """

    channel = "whatsapp"
    path = "/{number_id}/messages"

    def __init__(
        self,
        token: str,
        numbers: Mapping[str, str],
        template: TemplateLookup,
        route: str,
        webhook_url: str,
        app_secret: str,
    ) -> None:
        self._token = token
        self._numbers = numbers
        self._senders = {id_: sender for sender, id_ in numbers.items()}
        self._template = template
        self._route = route
        self._webhook_url = webhook_url
        self._signer = meta_signer(app_secret)

    def parse_message(self, request: web.Request, body: bytes) -> SubmittedMessage | web.Response:
        """The message of a request, or an error response of the Graph API."""
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return _error(401, 190, "Invalid OAuth access token")
        sender = self._senders.get(request.match_info["number_id"])
        if sender is None:
            return _error(400, 33, "There is no such phone number id")
        try:
            message: dict[str, Any] = msgspec.json.decode(body)
            if "typing_indicator" in message:
                return json_response({"success": True})
            kind = message["type"]
            content = message[kind]
            to = message.get("to") or message["recipient"]
            if message["messaging_product"] != "whatsapp":
                return _error(400, 100, "messaging_product must be whatsapp")
            if kind == "template":
                template = self._template(sender, content["name"], content["language"]["code"])
                if template is None:
                    return _error(404, 132001, "Template name does not exist in the translation")
                components = content.get("components", ())
                text, media = render_template(template, components)
                buttons = template_buttons(template, components)
            else:
                text, media = self._visible_content(kind, content)
                buttons = whatsapp_buttons(content) if kind == "interactive" else []
            reference = message.get("biz_opaque_callback_data")
            return validated(SubmittedMessage(sender, to, text, media, reference, buttons=tuple(buttons)))
        except MismatchError as error:
            return _error(400, 132000, f"Number of parameters does not match: {error}")
        except MALFORMED_ERRORS:
            return _error(400, 131009, "Parameter value is not valid")

    def _visible_content(self, kind: str, content: Any) -> tuple[str, str]:
        match kind:
            case "text":
                return content["body"], ""
            case "image" | "video" | "audio" | "document" | "sticker":
                return content.get("caption") or content.get("filename") or "", content["link"]
            case "location":
                return (
                    f"{content.get('name', '')} ({content['latitude']}, {content['longitude']})".strip(),
                    "",
                )
            case "contacts":
                return ", ".join(contact["name"]["formatted_name"] for contact in content), ""
            case "reaction":
                return content["emoji"], ""
            case "interactive":
                return (content.get("body") or {}).get("text") or f"[{content['type']}]", ""
            case "pin":
                return f"[pin {content['message_id']}]", ""
            case _:
                raise KeyError(kind)

    def refusal_response(self, reason: Refusal, submitted: SubmittedMessage) -> web.Response | None:
        """An error response of the Graph API."""
        return _error(*_REFUSALS[reason])

    def accepted_response(self, submitted: SubmittedMessage, token: str, *, again: bool) -> web.Response:
        """The documented response."""
        return json_response(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": submitted.recipient, "wa_id": submitted.recipient}],
                "messages": [{"id": token}],
            }
        )

    def receipt_body(self, submitted: SubmittedMessage, token: str, what: str, at: int) -> object | None:
        """A webhook with a status; None for an undelivered message."""
        if what not in _STATUSES:
            return None
        status = {
            "id": token,
            "status": _STATUSES[what],
            "timestamp": str(at // 1000),
            "recipient_id": submitted.recipient,
            "biz_opaque_callback_data": submitted.reference,
        }
        return self._envelope(submitted.sender, {"statuses": [status]})

    def reply_body(self, arrival: Arrival, text: str, at: int) -> object:
        """A webhook with a user's message, which names the message that it replies to."""
        return self._message(arrival, at, "text", {"body": text})

    def tap_body(self, arrival: Arrival, button: Button, at: int) -> object | None:
        """A webhook with the quick reply of a template, or with what was chosen in an interactive message."""
        if button.kind == QUICK_REPLY:
            return self._message(arrival, at, "button", {"payload": button.data, "text": button.text})
        reply = {"type": button.kind, button.kind: {"id": button.data, "title": button.text}}
        return self._message(arrival, at, "interactive", reply)

    def block_body(self, arrival: Arrival, blocks: bool, at: int) -> object | None:
        """None: WhatsApp says so when the next message is submitted."""
        return None

    def _message(self, arrival: Arrival, at: int, kind: str, content: object) -> object:
        message = {
            "from": arrival.recipient,
            "id": _wamid(),
            "timestamp": str(at // 1000),
            "type": kind,
            kind: content,
            "context": {"from": arrival.sender, "id": arrival.token},
        }
        return self._envelope(arrival.sender, {"messages": [message]})

    def _envelope(self, sender: str, value: dict[str, Any]) -> object:
        metadata = {"display_phone_number": sender, "phone_number_id": self._numbers[sender]}
        change_value = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        change = {"field": "messages", "value": change_value}
        return {"object": "whatsapp_business_account", "entry": [{"id": "waba", "changes": [change]}]}

    def new_token(self, submitted: SubmittedMessage) -> str:
        """A message id in the form of WhatsApp's."""
        return _wamid()

    def webhook_url(self, sender: str) -> str:
        """The webhook URL of the route."""
        return self._webhook_url

    def signers(self) -> dict[str, Signer]:
        """Signs with `X-Hub-Signature-256`."""
        return {self._route: self._signer}


def _wamid() -> str:
    return f"wamid.{secrets.token_hex(20).upper()}"


def _error(status: int, code: int, message: str) -> web.Response:
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return json_response({"error": error}, status)
