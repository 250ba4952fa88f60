"""Parses Viber's webhooks: receipts (the status of a message) and users' replies.

No signature is publicly documented: the service relies on a secret in the URL and ignores receipts for
unknown tokens. Source of the forms: two public emulators (status), an old open client (reply); the names of
a reply's media members are inferred from resellers.
"""

from functools import partial
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from waypost.connectors.contract import MalformedWebhookError, Webhook
from waypost.connectors.reports import known_id, parse_one, required
from waypost.model.foreign_json import foreign_decoder, json_text
from waypost.model.foreign_numbers import moment
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind, Report

MESSAGE_STATUSES = {0: ReceiptKind.DELIVERED, 1: ReceiptKind.READ, 2: ReceiptKind.EXPIRED}
"""`message_status` to the kind of receipt."""

SUBSCRIPTIONS = {4: ("subscribed", False), 5: ("unsubscribed", True)}
"""`message_status` values that concern the user, not a message: in words, and whether the user opted out;
known from one emulator only."""

_IMAGES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "heic", "bmp"})
_VIDEOS = frozenset({"mp4", "m4v", "mov", "3gp", "3gpp", "avi", "mkv", "webm"})


class _Reply(msgspec.Struct):
    text: str = ""
    media: str = ""
    file_name: str = ""
    tracking_data: str = ""


class _Callback(msgspec.Struct):
    message_token: int | str
    message_status: int | None = None
    message_time: int | None = None
    time: int | None = None
    phone_number: int | str = ""
    service_id: int | str = ""
    message: _Reply | None = None


_decode = foreign_decoder(_Callback)


def parse_webhook(route: str, webhook: Webhook) -> list[Report]:
    """Parses a webhook.

    Times are in milliseconds in statuses and in seconds in replies; which one is recognised by their size.

    Args:
        route: the route of the webhook.
        webhook: the request as received.

    Returns:
        One receipt, one inbound message or subscription, or nothing for an unknown status.

    Raises:
        MalformedWebhookError: it is not a POST of a JSON object.
    """
    if webhook.method != "POST":
        raise MalformedWebhookError("Viber's callbacks are POSTs")
    return parse_one(route, webhook, _decode, partial(_reports, route))


def _reports(route: str, callback: _Callback) -> list[Receipt | Inbound]:
    if callback.message_status is not None:
        return _receipts(route, callback, callback.message_status)
    if callback.message is not None:
        return [_inbound(route, callback, callback.message)]
    raise ValueError("neither a status nor a reply")


def _receipts(route: str, callback: _Callback, status: int) -> list[Receipt | Inbound]:
    kind = MESSAGE_STATUSES.get(status)
    if kind is None:
        if status in SUBSCRIPTIONS:
            return [_subscription(route, callback, status)]
        raise ValueError(f"the status {str(status)[:20]} is not known")
    return [
        Receipt(
            route=route,
            kind=kind,
            at=None if callback.message_time is None else moment(callback.message_time),
            provider_id=known_id(str(callback.message_token)),
            sender=str(callback.service_id) or None,
            recipient=_number(callback) or None,
            failure=SendFailure.EXPIRED if kind is ReceiptKind.EXPIRED else None,
        )
    ]


def _subscription(route: str, callback: _Callback, status: int) -> Inbound:
    time = callback.message_time if callback.message_time is not None else callback.time
    at = required(moment(time) if time is not None else None)
    user, (change, opted_out) = known_id(_number(callback)), SUBSCRIPTIONS[status]
    return Inbound(
        route=route,
        channel="viber",
        sender=str(callback.service_id),
        user=user,
        at=at,
        provider_id=known_id(f"{change}-{user}-{at}"),
        type="SYSTEM",
        text=change,
        opted_out=opted_out,
    )


def _inbound(route: str, callback: _Callback, message: _Reply) -> Inbound:
    time = callback.time if callback.time is not None else callback.message_time
    if time is None or not callback.phone_number:
        raise ValueError("a reply without its time or its user")
    kind: Literal["TEXT", "IMAGE", "VIDEO", "DOCUMENT"] = "TEXT"
    text, caption = message.text, ""
    if message.media:
        kind = _media_kind(message.file_name or urlsplit(message.media).path)
        text, caption = json_text({"url": message.media}), message.text
    return Inbound(
        route=route,
        channel="viber",
        sender=str(callback.service_id),
        user=known_id(_number(callback)),
        at=required(moment(time)),
        provider_id=known_id(str(callback.message_token)),
        type=kind,
        text=text,
        tracking_data=message.tracking_data,
        caption=caption,
    )


def _media_kind(name: str) -> Literal["IMAGE", "VIDEO", "DOCUMENT"]:
    extension = name.rpartition(".")[2].lower()
    if extension in _IMAGES:
        return "IMAGE"
    return "VIDEO" if extension in _VIDEOS else "DOCUMENT"


def _number(callback: _Callback) -> str:
    """The user's phone number as legs have it."""
    return str(callback.phone_number).removeprefix("+")
