"""Parses the webhooks of the WhatsApp Cloud API: receipts and users' messages.

Source: Meta, "Webhooks reference: messages". One request can carry many entries, changes and messages.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.connectors.contract import MalformedWebhookError
from waypost.connectors.meta.graph import failure_of_code
from waypost.connectors.meta.whatsapp.codes import WHATSAPP_CODES
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Inbound, InboundType, Receipt, ReceiptKind

STATUSES = {
    "sent": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.READ,
    "played": ReceiptKind.READ,
    "failed": ReceiptKind.FAILED,
}
"""`status` to the kind of receipt; the others (`deleted`, `warning`) do not concern delivery."""

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
}
"""`type` of a user's message to the inbound type; any other is UNSUPPORTED."""


class _Data(msgspec.Struct):
    details: str = ""


class _Error(msgspec.Struct):
    code: int = 0
    title: str = ""
    error_data: _Data | None = None


class _Status(msgspec.Struct):
    id: str
    status: str
    timestamp: str
    recipient_id: str = ""
    errors: list[_Error] = []
    biz_opaque_callback_data: str | None = None


class _Metadata(msgspec.Struct):
    display_phone_number: str = ""
    phone_number_id: str = ""


class _Value(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    statuses: list[_Status] = []
    messages: list[dict[str, Any]] = []


class _Change(msgspec.Struct):
    field: str = ""
    value: msgspec.Raw = msgspec.Raw(b"{}")


class _Entry(msgspec.Struct):
    changes: list[_Change] = []


class _Envelope(msgspec.Struct):
    object: str
    entry: list[_Entry] = []


def parse_webhook(route: str, body: bytes, senders: Mapping[str, str]) -> list[Receipt | Inbound]:
    """The receipts and users' messages of a webhook, in its order.

    Args:
        senders: phone number id to sender.

    Raises:
        MalformedWebhookError: it does not have the provider's form.
    """
    reports: list[Receipt | Inbound] = []
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        for change in (change for entry in envelope.entry for change in entry.changes):
            if change.field != "messages":
                continue
            value = msgspec.json.decode(change.value, type=_Value)
            number = value.metadata
            sender = senders.get(number.phone_number_id) or _digits(number.display_phone_number)
            reports += [_receipt(route, status) for status in value.statuses if status.status in STATUSES]
            reports += [_inbound(route, sender, message) for message in value.messages]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise MalformedWebhookError(f"not a webhook of the Cloud API: {error}") from None
    if envelope.object != "whatsapp_business_account":
        raise MalformedWebhookError("its object is not whatsapp_business_account")
    return reports


def _receipt(route: str, status: _Status) -> Receipt:
    kind = STATUSES[status.status]
    receipt = Receipt(
        route=route,
        kind=kind,
        at=int(status.timestamp) * 1000,
        provider_id=status.id,
        reference=status.biz_opaque_callback_data,
    )
    if kind is not ReceiptKind.FAILED:
        return receipt
    error = status.errors[0] if status.errors else _Error()
    failure = failure_of_code(WHATSAPP_CODES, error.code, None) if error.code else None
    detail = error.error_data.details if error.error_data is not None else ""
    return msgspec.structs.replace(
        receipt,
        failure=failure or SendFailure.UNDELIVERABLE,
        code=str(error.code or ""),
        text=f"{error.title} {detail}".strip(),
    )


def _inbound(route: str, sender: str, message: dict[str, Any]) -> Inbound:
    name = message["type"]
    kind = TYPES.get(name, "UNSUPPORTED")
    content = message.get(name, {})
    text = content["body"] if kind == "TEXT" else msgspec.json.encode(content).decode()
    if kind == "BUTTON":
        text = str(content.get("text", ""))
    return Inbound(
        route=route,
        channel="whatsapp",
        sender=sender,
        user=str(message["from"]),
        at=int(message["timestamp"]) * 1000,
        provider_id=str(message["id"]),
        type=kind,
        text=text,
    )


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdigit())
