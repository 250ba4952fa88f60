"""Parses the webhooks of the WhatsApp Cloud API: receipts and users' messages.

Source: Meta, "Webhooks reference: messages". One request can carry many entries, changes and messages.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from waypost.connectors.contract import MalformedWebhookError, Webhook
from waypost.connectors.meta.graph import MAX_CODE, failure_of_code
from waypost.connectors.meta.whatsapp.codes import WHATSAPP_CODES
from waypost.connectors.meta.whatsapp.inbound import parse_message, parse_preference
from waypost.connectors.reports import known_id, parse_items
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.foreign_numbers import read_moment
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind, Report

STATUSES = {
    "sent": ReceiptKind.SENT,
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.READ,
    "played": ReceiptKind.READ,
    "failed": ReceiptKind.FAILED,
}
"""`status` to the kind of receipt."""

OTHER_STATUSES = frozenset({"deleted", "warning", "pending", "captured"})
"""Those that do not concern delivery; the latter two are of payments."""


class _Data(msgspec.Struct):
    details: str = ""


class _Error(msgspec.Struct):
    code: int = 0
    title: str = ""
    error_data: _Data | None = None


class _Status(msgspec.Struct):
    status: str
    timestamp: str
    id: str = ""
    recipient_user_id: str | None = None
    recipient_parent_user_id: str | None = None
    errors: list[_Error] = []
    biz_opaque_callback_data: str | None = None


class _Metadata(msgspec.Struct):
    display_phone_number: str = ""
    phone_number_id: str = ""


class _Value(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    statuses: list[msgspec.Raw] | None = None
    messages: list[msgspec.Raw] | None = None
    contacts: list[Any] | None = None
    user_preferences: list[msgspec.Raw] | None = None
    errors: Any = None


class _Change(msgspec.Struct):
    field: str
    value: msgspec.Raw


class _Entry(msgspec.Struct):
    changes: list[_Change]


class _Envelope(msgspec.Struct):
    object: str
    entry: list[_Entry]


_FIELDS = ("messages", "user_preferences")

_decode_envelope = foreign_decoder(_Envelope)
_decode_value = foreign_decoder(_Value)
# A failure is one, whatever its details are.
_decode_status = foreign_decoder(_Status, tolerant=True)

_Item = Callable[[], list[Receipt | Inbound]]


def parse_webhook(
    route: str, webhook: Webhook, senders: Mapping[str, str], redacted: Callable[[str], str] = str
) -> list[Report]:
    """The receipts and users' messages of a webhook, in its order.

    Args:
        senders: phone number id to sender.
        redacted: removes secrets from a text of the provider.

    Raises:
        MalformedWebhookError: it does not have the provider's form.
    """
    try:
        envelope = _decode_envelope(webhook.body, webhook)
    except UnreadableJsonError as error:
        raise MalformedWebhookError(f"not a webhook of the Cloud API: {error}") from None
    if envelope.object != "whatsapp_business_account":
        raise MalformedWebhookError("its object is not whatsapp_business_account")
    items = (
        item
        for place, change in _changes(envelope)
        if change.field in _FIELDS
        for item in _items(route, place, change, senders, redacted)
    )
    return parse_items(route, items, lambda item: item())


def _changes(envelope: _Envelope) -> Iterator[tuple[str, _Change]]:
    """The changes of a webhook, each with its place."""
    for number, entry in enumerate(envelope.entry):
        for index, change in enumerate(entry.changes):
            yield f"entry[{number}].changes[{index}]", change


def _items(
    route: str, place: str, change: _Change, senders: Mapping[str, str], redacted: Callable[[str], str]
) -> Iterator[tuple[str, _Item]]:
    """The statuses and messages of a change, each with its place and as what parses it."""
    try:
        value = _decode_value(change.value)
    except UnreadableJsonError as error:
        yield f"{place}.value", partial(_unreadable, str(error))
        return
    if value.statuses is value.messages is value.user_preferences is value.errors is None:
        yield f"{place}.value", partial(_unreadable, "neither statuses nor messages")
        return
    number = value.metadata
    sender = senders.get(number.phone_number_id) or _digits(number.display_phone_number)
    for index, status in enumerate(value.statuses or ()):
        yield f"{place}.value.statuses[{index}]", partial(_receipts, route, sender, status, redacted)
    contacts = value.contacts or ()
    for index, message in enumerate(value.messages or ()):
        yield f"{place}.value.messages[{index}]", partial(parse_message, route, sender, contacts, message)
    for index, preference in enumerate(value.user_preferences or ()):
        yield f"{place}.value.user_preferences[{index}]", partial(parse_preference, route, sender, preference)


def _unreadable(reason: str) -> list[Receipt | Inbound]:
    raise UnreadableJsonError(reason)


def _receipts(
    route: str, sender: str, raw: msgspec.Raw, redacted: Callable[[str], str]
) -> list[Receipt | Inbound]:
    status = _decode_status(raw)
    kind = STATUSES.get(status.status)
    if kind is None:
        if status.status in OTHER_STATUSES:
            return []
        raise ValueError("a status that is not known")
    reference = status.biz_opaque_callback_data
    receipt = Receipt(
        route=route,
        kind=kind,
        at=read_moment(status.timestamp),
        # Our own reference is enough to find the attempt.
        provider_id=None if reference and not status.id else known_id(status.id),
        reference=reference,
        # Meta's spelling of the recipient can be another than that of the call (Brazil, Mexico).
        sender=sender or None,
        user_id=status.recipient_user_id or "",
        parent_user_id=status.recipient_parent_user_id or "",
    )
    if kind is not ReceiptKind.FAILED:
        return [receipt]
    error = status.errors[0] if status.errors else _Error()
    failure = failure_of_code(WHATSAPP_CODES, error.code, None) if error.code else None
    detail = error.error_data.details if error.error_data is not None else ""
    return [
        msgspec.structs.replace(
            receipt,
            failure=failure or SendFailure.UNDELIVERABLE,
            code=str(error.code) if 0 < error.code <= MAX_CODE else "",
            text=redacted(f"{error.title} {detail}".strip()),
        )
    ]


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdigit())
