"""Parses the webhooks of Messenger and Instagram: users' messages and receipts.

Sources: Meta, Messenger Platform, "Webhooks" (messages, message_echoes, message_deliveries, message_reads,
messaging_postbacks); Instagram Messaging, "Webhooks". One request can carry many entries and events.
Failures are not reported by webhook.
"""

from typing import Any, Literal

import msgspec

from waypost.connectors.contract import MalformedWebhookError, Webhook
from waypost.connectors.meta.pages.inbound import message_id, parse_inbound
from waypost.connectors.reports import known_id, parse_items
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.foreign_numbers import moment
from waypost.model.identifiers import parse_reference
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind, Report

Channel = Literal["messenger", "instagram"]

OBJECTS: dict[Channel, str] = {"messenger": "page", "instagram": "instagram"}
"""Channel to the `object` of its webhooks."""


class _Party(msgspec.Struct):
    id: str


class _Message(msgspec.Struct):
    mid: str
    is_echo: bool = False
    metadata: str | None = None


class _Delivery(msgspec.Struct):
    watermark: int | None = None
    mids: list[str] | None = None


class _Read(msgspec.Struct):
    watermark: int | None = None
    mid: str | None = None


class _Event(msgspec.Struct):
    timestamp: int | None = None
    sender: _Party | None = None
    recipient: _Party | None = None
    message: _Message | None = None
    delivery: _Delivery | None = None
    read: _Read | None = None


class _Entry(msgspec.Struct):
    messaging: list[msgspec.Raw] | None = None
    # Of what else a page can be subscribed to, and of a page whose conversation another app holds.
    changes: Any = None
    standby: Any = None


class _Envelope(msgspec.Struct):
    object: str
    entry: list[_Entry]


_decode = foreign_decoder(_Envelope)
_decode_event = foreign_decoder(_Event)
_decode_members = foreign_decoder(dict[str, Any])

OTHER_EVENTS = frozenset(
    {
        "account_linking",
        "app_roles",
        "game_play",
        "message_edit",
        "messaging_feedback",
        "optin",
        "pass_thread_control",
        "policy_enforcement",
        "policy-enforcement",
        "referral",
        "request_thread_control",
        "response_feedback",
        "take_thread_control",
    }
)
"""The members of events of which nothing is wanted, or nothing without a sender and a recipient."""

_OF_USERS = ("message", "postback", "reaction", "optin")


def parse_webhook(route: str, channel: Channel, webhook: Webhook) -> list[Report]:
    """The receipts and users' messages of a webhook, in its order.

    Raises:
        MalformedWebhookError: it does not have the provider's form.
    """
    try:
        envelope = _decode(webhook.body, webhook)
    except UnreadableJsonError as error:
        raise MalformedWebhookError(f"not a webhook of {channel}: {error}") from None
    if envelope.object != OBJECTS[channel]:
        raise MalformedWebhookError(f"its object is not {OBJECTS[channel]}")
    if any(entry.messaging is entry.changes is entry.standby is None for entry in envelope.entry):
        raise MalformedWebhookError("an entry of it has no events")
    events = (
        (f"entry[{number}].messaging[{index}]", event)
        for number, entry in enumerate(envelope.entry)
        for index, event in enumerate(entry.messaging or ())
    )
    return parse_items(route, events, lambda event: _parse_event(route, channel, event))


def _moment(value: int | None) -> int | None:
    return None if value is None else moment(value, in_milliseconds=True)


def _parse_event(route: str, channel: Channel, raw: msgspec.Raw) -> list[Receipt | Inbound]:
    event = _decode_event(raw)
    if event.sender is None or event.recipient is None:
        # A referral by a link has no such parties, and is no message; nor has an opt-in of a plugin.
        if OTHER_EVENTS.intersection(_decode_members(raw)):
            return []
        raise ValueError("an event without its sender or its recipient")
    if event.message is not None and event.message.is_echo:
        return [*_echo_receipts(route, event, event.message)]
    if event.delivery is not None:
        delivered = event.delivery
        return _receipts(route, event, ReceiptKind.DELIVERED, delivered.mids or [], delivered.watermark)
    if event.read is not None:
        mids = [event.read.mid] if event.read.mid else []
        return _receipts(route, event, ReceiptKind.READ, mids, event.read.watermark)
    members = _decode_members(raw)
    if any(members.get(name) is not None for name in _OF_USERS):
        return [*parse_inbound(route, channel, members)]
    if not OTHER_EVENTS.intersection(members):
        raise ValueError("an event of a kind that is not known")
    return []


def _echo_receipts(route: str, event: _Event, message: _Message) -> list[Receipt]:
    """A receipt with the id of a message of ours; echoes of what others sent from the page are ignored."""
    assert event.sender is not None
    assert event.recipient is not None
    try:
        parse_reference(message.metadata or "")
    except ValueError:
        return []
    return [
        Receipt(
            route=route,
            kind=ReceiptKind.SENT,
            at=_moment(event.timestamp),
            provider_id=known_id(message_id(event.recipient.id, message.mid)),
            reference=message.metadata,
            sender=event.sender.id,
            recipient=event.recipient.id,
        )
    ]


def _receipts(
    route: str, event: _Event, kind: ReceiptKind, mids: list[str], watermark: int | None
) -> list[Receipt | Inbound]:
    """A receipt for each message id, and one for the watermark.

    Those by message id have no recipient, which would match them with an attempt in doubt: others may send
    from the same page, and their messages must not be matched with ours.
    """
    assert event.sender is not None
    assert event.recipient is not None
    if not mids and watermark is None:
        raise ValueError("a receipt for nothing")
    user, page, at = event.sender.id, event.recipient.id, _moment(event.timestamp)
    reports: list[Receipt | Inbound] = [
        Receipt(route=route, kind=kind, at=at, provider_id=known_id(message_id(user, mid)), sender=page)
        for mid in mids
    ]
    until = _moment(watermark) if watermark is not None else None
    if until is not None:
        known_id(user)
        up_to_watermark = Receipt(route=route, kind=kind, at=at, sender=page, recipient=user, watermark=until)
        reports.append(up_to_watermark)
    return reports
