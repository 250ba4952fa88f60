"""The wire format of the WhatsApp Cloud API, as the sandbox's Meta speaks it (providers/whatsapp.md)."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from waypost.sandbox.chat_server import MALFORMED, Refusal, SubmittedMessage, answer, checked
from waypost.sandbox.phone_network import Signer
from waypost.sandbox.sandbox_store import Arrival
from waypost.sandbox.webhook_signatures import meta_signer
from waypost.sandbox.whatsapp_templates import Lookup, MismatchError, shown

_REFUSALS = {
    "busy": (503, 131016, "Service unavailable"),
    "unknown": (400, 131026, "Message undeliverable"),
    "blocked": (400, 131050, "The user has stopped marketing messages"),
}
_STATUSES = {"delivered": "delivered", "seen": "read"}


class WhatsAppForm:
    """One WhatsApp business account.

    Args:
        token: what a sender must show.
        numbers: sender to phone number id.
        template: finds the templates that the account has at Meta.
        route, receipts: where webhooks go.
        app_secret: signs them.
    """

    channel = "whatsapp"
    path = "/{number_id}/messages"

    def __init__(
        self,
        token: str,
        numbers: Mapping[str, str],
        template: Lookup,
        route: str,
        receipts: str,
        app_secret: str,
    ) -> None:
        self._token = token
        self._numbers = numbers
        self._senders = {id_: sender for sender, id_ in numbers.items()}
        self._template = template
        self._route = route
        self._receipts = receipts
        self._signer = meta_signer(app_secret)

    def read(self, request: web.Request, body: bytes) -> SubmittedMessage | web.Response:
        """A message, or an error of the Graph API."""
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return _error(401, 190, "Invalid OAuth access token")
        sender = self._senders.get(request.match_info["number_id"])
        if sender is None:
            return _error(400, 33, "There is no such phone number id")
        try:
            message: dict[str, Any] = msgspec.json.decode(body)
            if "typing_indicator" in message:
                return answer({"success": True})
            kind = message["type"]
            content = message[kind]
            to = message.get("to") or message["recipient"]
            if message["messaging_product"] != "whatsapp":
                return _error(400, 100, "messaging_product must be whatsapp")
            if kind == "template":
                template = self._template(sender, content["name"], content["language"]["code"])
                if template is None:
                    return _error(404, 132001, "Template name does not exist in the translation")
                text, media = shown(template, content.get("components", ()))
            else:
                text, media = self._shown(kind, content)
            return checked(SubmittedMessage(sender, to, text, media, message.get("biz_opaque_callback_data")))
        except MismatchError as error:
            return _error(400, 132000, f"Number of parameters does not match: {error}")
        except MALFORMED:
            return _error(400, 131009, "Parameter value is not valid")

    def _shown(self, kind: str, content: Any) -> tuple[str, str]:
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

    def refusal_answer(self, why: Refusal, submitted: SubmittedMessage) -> web.Response | None:
        """An error of the Graph API."""
        return _error(*_REFUSALS[why])

    def accepted(self, submitted: SubmittedMessage, token: str, *, again: bool) -> web.Response:
        """The documented answer."""
        return answer(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": submitted.recipient, "wa_id": submitted.recipient}],
                "messages": [{"id": token}],
            }
        )

    def receipt_body(self, submitted: SubmittedMessage, token: str, what: str, at: int) -> object | None:
        """A status; nothing is said of a message that nobody ever got."""
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
        """A user's message, which names the one it answers."""
        message = {
            "from": arrival.recipient,
            "id": _wamid(),
            "timestamp": str(at // 1000),
            "type": "text",
            "text": {"body": text},
            "context": {"from": arrival.sender, "id": arrival.token},
        }
        return self._envelope(arrival.sender, {"messages": [message]})

    def _envelope(self, sender: str, value: dict[str, Any]) -> object:
        metadata = {"display_phone_number": sender, "phone_number_id": self._numbers[sender]}
        whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        change = {"field": "messages", "value": whole}
        return {"object": "whatsapp_business_account", "entry": [{"id": "waba", "changes": [change]}]}

    def token(self, submitted: SubmittedMessage) -> str:
        """An id as WhatsApp's look."""
        return _wamid()

    def address(self, sender: str) -> str:
        """The route's."""
        return self._receipts

    def signers(self) -> dict[str, Signer]:
        """`X-Hub-Signature-256`."""
        return {self._route: self._signer}


def _wamid() -> str:
    return f"wamid.{secrets.token_hex(20).upper()}"


def _error(status: int, code: int, message: str) -> web.Response:
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return answer({"error": error}, status)
