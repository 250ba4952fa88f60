"""Each callback of Viber's, and the receipt or the inbound message that is read from it."""

import json

import pytest
from structlog.testing import capture_logs

from waypost.connectors.contract import MalformedWebhookError, Webhook
from waypost.connectors.viber import webhooks
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind, RejectedItem, Report

AT = 1_690_000_000_000
STATUS = {
    "message_token": "5379697806260881548",
    "message_status": 0,
    "message_time": AT,
    "phone_number": "380504490154",
    "service_id": 3100,
}
REPLY = {
    "message_token": 44444444444444,
    "phone_number": "972512222222",
    "time": 2121212121,
    "service_id": 3100,
    "message": {"text": "yes", "tracking_data": "tracking_id:100035"},
}


def receipt(kind: ReceiptKind, failure: SendFailure | None = None) -> Receipt:
    return Receipt(
        route="r",
        kind=kind,
        at=AT,
        provider_id="5379697806260881548",
        sender="3100",
        recipient="380504490154",
        failure=failure,
    )


def inbound(**changes: object) -> Inbound:
    fields: dict[str, object] = {
        "route": "r",
        "channel": "viber",
        "sender": "3100",
        "user": "972512222222",
        "at": 2_121_212_121_000,
        "provider_id": "44444444444444",
        "type": "TEXT",
        "text": "yes",
        "tracking_data": "tracking_id:100035",
    }
    return Inbound(**(fields | changes))  # type: ignore[arg-type]


def subscription(change: str, *, opted_out: bool) -> Inbound:
    user = "380504490154"
    return inbound(
        user=user,
        at=AT,
        provider_id=f"{change}-{user}-{AT}",
        type="SYSTEM",
        text=change,
        tracking_data="",
        opted_out=opted_out,
    )


def media(url: str, **more: str) -> dict[str, object]:
    return {**REPLY, "message": {"media": url, **more}}


ROWS: dict[str, tuple[dict[str, object], list[Report]]] = {
    "delivered": ({**STATUS}, [receipt(ReceiptKind.DELIVERED)]),
    "seen": ({**STATUS, "message_status": 1}, [receipt(ReceiptKind.READ)]),
    "expired": ({**STATUS, "message_status": 2}, [receipt(ReceiptKind.EXPIRED, SendFailure.EXPIRED)]),
    "subscribed": ({**STATUS, "message_status": 4}, [subscription("subscribed", opted_out=False)]),
    "unsubscribed": ({**STATUS, "message_status": 5}, [subscription("unsubscribed", opted_out=True)]),
    "unheard of": (
        {**STATUS, "message_status": 77},
        [RejectedItem(route="r", place="", error="ValueError: the status 77 is not known")],
    ),
    "a token as a number": (
        {**STATUS, "message_token": 5379697806260881548},
        [receipt(ReceiptKind.DELIVERED)],
    ),
    "a time in seconds": ({**STATUS, "message_time": AT // 1000}, [receipt(ReceiptKind.DELIVERED)]),
    "the older, shorter form": (
        {"message_token": 5, "message_status": 0},
        [Receipt(route="r", kind=ReceiptKind.DELIVERED, provider_id="5")],
    ),
    "a reply": (REPLY, [inbound()]),
    "a reply in milliseconds": ({**REPLY, "time": 2_121_212_121_000}, [inbound()]),
    "a picture": (
        media("https://m/x.JPG?sig=1"),
        [inbound(type="IMAGE", text='{"url":"https://m/x.JPG?sig=1"}', tracking_data="")],
    ),
    "a film": (
        media("https://m/123", file_name="a.mp4"),
        [inbound(type="VIDEO", text='{"url":"https://m/123"}', tracking_data="")],
    ),
    "a file": (
        media("https://m/a.pdf"),
        [inbound(type="DOCUMENT", text='{"url":"https://m/a.pdf"}', tracking_data="")],
    ),
}


@pytest.mark.parametrize(("body", "expected"), ROWS.values(), ids=ROWS)
def test_callback(body: dict[str, object], expected: list[Report]) -> None:
    assert webhooks.parse_webhook("r", Webhook("POST", {}, {}, json.dumps(body).encode())) == expected


UNREADABLE = {
    "a GET": Webhook("GET", {}, {}, json.dumps(STATUS).encode()),
    "nothing": Webhook("POST", {}, {}, b""),
    "not JSON": Webhook("POST", {}, {}, b"{"),
    "a list": Webhook("POST", {}, {}, b"[]"),
}


@pytest.mark.parametrize("webhook", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(webhook: Webhook) -> None:
    with pytest.raises(MalformedWebhookError):
        webhooks.parse_webhook("r", webhook)


SKIPPED = {
    "an id that is not UTF-8": b'{"message_token":"\xff","message_status":0}',
    "no token": b'{"message_status":0}',
    "neither": b'{"message_token":"5"}',
    "a reply without a time": b'{"message_token":5,"phone_number":"1","message":{"text":"a"}}',
    "a reply of nobody's": b'{"message_token":5,"time":1,"message":{"text":"a"}}',
    "a status that is no number": b'{"message_token":5,"message_status":"delivered"}',
}


@pytest.mark.parametrize("body", SKIPPED.values(), ids=SKIPPED)
def test_what_is_not_understood_is_skipped_and_logged(body: bytes) -> None:
    with capture_logs() as logs:
        [report] = webhooks.parse_webhook("r", Webhook("POST", {}, {}, body))
    assert isinstance(report, RejectedItem)
    assert [(entry["event"], entry["count"]) for entry in logs] == [("webhook.items_skipped", 1)]
