"""WhatsApp's Cloud API: the exact request for each MessageType, and what each answer and webhook means."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from tests.connectors.providers import Canned, RecordedRequest, canned
from waypost.connectors.contract import InvalidSignatureError, MalformedWebhookError, Submission, Webhook
from waypost.connectors.meta.graph import meta_signature
from waypost.connectors.meta.whatsapp.connector import WhatsAppConnector
from waypost.model.message.extras import Extras, TemplateCall
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import (
    Accepted,
    Inbound,
    Outcome,
    Receipt,
    ReceiptKind,
    Refused,
    Report,
    Unknown,
)
from waypost.outbound.client import HttpClient

LINK = "https://a.example/f"
SUBMISSION = Submission(
    reference="2023071910220142000000001-0-1",
    number=123456,
    sender="15550001111",
    recipient="380501112233",
    message_type="text",
    content={"text": "hi"},
    ttl=60,
)
ENVELOPE = {
    "messaging_product": "whatsapp",
    "recipient_type": "individual",
    "to": "380501112233",
    "biz_opaque_callback_data": "2023071910220142000000001-0-1",
}
TAKEN = Canned(body='{"messaging_product":"whatsapp","contacts":[],"messages":[{"id":"wamid.1"}]}')
BUTTONS = {"type": "button", "body": {"text": "?"}, "action": {"buttons": [{"type": "reply"}]}}
CARDS = {"body": {"text": "?"}, "action": {"cards": [{"card_index": 0}]}}

# MessageType: content, type, the object that the type names.
ROWS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "text": ({"text": "hi", "previewUrl": True}, "text", {"body": "hi", "preview_url": True}),
    "image": ({"link": LINK, "caption": "c"}, "image", {"link": LINK, "caption": "c"}),
    "video": ({"link": LINK}, "video", {"link": LINK}),
    "audio": ({"link": LINK}, "audio", {"link": LINK}),
    "sticker": ({"link": LINK}, "sticker", {"link": LINK}),
    "document": ({"link": LINK, "fileName": "a.pdf"}, "document", {"link": LINK, "filename": "a.pdf"}),
    "location": ({"longitude": 1.5, "latitude": 2}, "location", {"longitude": 1.5, "latitude": 2}),
    "contacts": (
        {"contacts": [{"name": {"formatted_name": "Z"}}]},
        "contacts",
        [{"name": {"formatted_name": "Z"}}],
    ),
    "reaction": ({"messageId": "wamid.0", "emoji": "x"}, "reaction", {"message_id": "wamid.0", "emoji": "x"}),
    "interactive": (BUTTONS, "interactive", BUTTONS),
    "carousel": (CARDS, "interactive", {"type": "carousel", **CARDS}),
    "pin": (
        {"messageId": "wamid.0", "expirationDays": 7},
        "pin",
        {"type": "pin", "message_id": "wamid.0", "expiration_days": 7},
    ),
}


def connector(client: HttpClient, url: str) -> WhatsAppConnector:
    return WhatsAppConnector(
        "wa-1",
        client,
        token="t0",
        numbers={"15550001111": "1065"},
        url=f"{url}/v23.0",
        app_secret="s0",
        verify_token="v0",
    )


def send(submission: Submission, reply: Canned = TAKEN) -> tuple[Outcome, list[RecordedRequest]]:
    async def main() -> tuple[Outcome, list[RecordedRequest]]:
        async with canned(reply) as provider, HttpClient() as client:
            return await connector(client, provider.url).send(submission), provider.requests

    return asyncio.run(main())


def read(webhook: Webhook) -> list[Report]:
    async def main() -> list[Report]:
        async with HttpClient() as client:
            return connector(client, "http://127.0.0.1:1").parse_webhook(webhook)

    return asyncio.run(main())


def varied(**changes: Any) -> Submission:
    return msgspec.structs.replace(SUBMISSION, **changes)


def signed(members: object, secret: bytes = b"s0") -> Webhook:
    body = json.dumps(members).encode()
    return Webhook("POST", {}, {"x-hub-signature-256": meta_signature(secret, body)}, body)


def webhook(value: dict[str, Any]) -> Webhook:
    metadata = {"display_phone_number": "1 555", "phone_number_id": "1065"}
    change = {"field": "messages", "value": {"metadata": metadata, **value}}
    return signed({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})


@pytest.mark.parametrize("message_type", ROWS)
def test_request(message_type: str) -> None:
    content, kind, message = ROWS[message_type]
    outcome, (request,) = send(varied(message_type=message_type, content=content))
    assert outcome == Accepted("wamid.1")
    assert (request.method, request.path, request.query) == ("POST", "/v23.0/1065/messages", {})
    assert request.headers["Authorization"] == "Bearer t0"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {**ENVELOPE, "type": kind, kind: message}


def test_a_typing_indicator_is_part_of_the_read_mark() -> None:
    submission = varied(message_type="typing_indicator", content={"messageId": "wamid.0"})
    outcome, (request,) = send(submission, Canned(body='{"success":true}'))
    assert outcome == Accepted(None, delivered=True)
    assert json.loads(request.body) == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.0",
        "typing_indicator": {"type": "text"},
    }


def test_a_template_is_called_by_its_name() -> None:
    call = TemplateCall("welcome", "en_US", (("name", "Zoe"), ("2", "7")))
    extras = Extras(
        payloads=("yes", "no"),
        flow_token="f",
        flow_data={"a": 1},
        thumbnail_product="p0",
        sections=(("S", ("p1",)),),
        context_message_id="wamid.0",
    )
    _, (request,) = send(varied(template=call, extras=extras))
    products = {
        "thumbnail_product_retailer_id": "p0",
        "sections": [{"title": "S", "product_items": [{"product_retailer_id": "p1"}]}],
    }

    def button(kind: str, index: str, parameter: dict[str, Any]) -> dict[str, Any]:
        return {"type": "button", "sub_type": kind, "index": index, "parameters": [parameter]}

    values = [{"type": "text", "parameter_name": "name", "text": "Zoe"}, {"type": "text", "text": "7"}]
    assert json.loads(request.body) == {
        **ENVELOPE,
        "context": {"message_id": "wamid.0"},
        "type": "template",
        "template": {
            "name": "welcome",
            "language": {"code": "en_US"},
            "components": [
                {"type": "body", "parameters": values},
                button("quick_reply", "0", {"type": "payload", "payload": "yes"}),
                button("quick_reply", "1", {"type": "payload", "payload": "no"}),
                button(
                    "flow",
                    "0",
                    {"type": "action", "action": {"flow_token": "f", "flow_action_data": {"a": 1}}},
                ),
                button("mpm", "0", {"type": "action", "action": products}),
            ],
        },
    }


def test_a_sender_the_route_does_not_know() -> None:
    outcome, requests = send(varied(sender="1"))
    assert isinstance(outcome, Refused)
    assert outcome.failure is SendFailure.NOT_CONFIGURED
    assert requests == []


@pytest.mark.parametrize(
    ("status", "code", "failure"),
    [
        (401, 190, SendFailure.NOT_CONFIGURED),
        (403, 200, SendFailure.NOT_CONFIGURED),
        (400, 131030, SendFailure.NOT_CONFIGURED),
        (429, 130429, SendFailure.RATE_LIMITED),
        (400, 131056, SendFailure.RATE_LIMITED),
        (503, 131016, SendFailure.BUSY),
        (400, 131000, SendFailure.BUSY),
        (400, 131026, SendFailure.NOT_ON_CHANNEL),
        (400, 131047, SendFailure.WAITING_FOR_USER),
        (400, 131049, SendFailure.UNDELIVERABLE),
        (400, 131050, SendFailure.OPTED_OUT),
        (404, 132001, SendFailure.TEMPLATE_FAULT),
        (400, 131009, SendFailure.BAD_REQUEST),
        (400, 999999, SendFailure.BAD_REQUEST),
    ],
)
def test_a_refusal(status: int, code: int, failure: SendFailure) -> None:
    error = {"message": "m", "code": code, "error_data": {"details": "d"}, "fbtrace_id": "A"}
    outcome, _ = send(SUBMISSION, Canned(status, json.dumps({"error": error})))
    assert isinstance(outcome, Refused)
    assert (outcome.failure, outcome.code) == (failure, str(code))


@pytest.mark.parametrize(
    "reply",
    [
        Canned(500, '{"error":{"message":"m","code":131000}}'),
        Canned(500, "<html>"),
        Canned(200, "<html>"),
        Canned(200, "{}"),
    ],
)
def test_no_usable_answer_is_unknown(reply: Canned) -> None:
    outcome, _ = send(SUBMISSION, reply)
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("sent", ReceiptKind.SENT),
        ("delivered", ReceiptKind.DELIVERED),
        ("read", ReceiptKind.READ),
        ("played", ReceiptKind.READ),
    ],
)
def test_a_status(status: str, kind: ReceiptKind) -> None:
    entry = {
        "id": "wamid.1",
        "status": status,
        "timestamp": "1454119029",
        "biz_opaque_callback_data": "m-0-1",
    }
    receipt = Receipt(
        route="wa-1",
        kind=kind,
        at=1454119029000,
        provider_id="wamid.1",
        reference="m-0-1",
        sender="15550001111",
    )
    assert read(webhook({"statuses": [entry]})) == [receipt]


def test_a_failed_status_has_its_reason_and_others_are_ignored() -> None:
    error = {"code": 131049, "title": "t", "error_data": {"details": "d"}}
    failed = {"id": "wamid.1", "status": "failed", "timestamp": "1", "errors": [error]}
    deleted = {"id": "wamid.2", "status": "deleted", "timestamp": "1"}
    (receipt,) = read(webhook({"statuses": [failed, deleted]}))
    assert isinstance(receipt, Receipt)
    assert (receipt.kind, receipt.failure) == (ReceiptKind.FAILED, SendFailure.UNDELIVERABLE)
    assert (receipt.code, receipt.text) == ("131049", "t d")


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"type": "text", "text": {"body": "hi"}}, "TEXT", "hi"),
        ({"type": "image", "image": {"id": "7"}}, "IMAGE", '{"id":"7"}'),
        ({"type": "button", "button": {"payload": "p", "text": "Yes"}}, "BUTTON", "Yes"),
        ({"type": "system", "system": {}}, "SYSTEM", "{}"),
        ({"type": "ephemeral", "ephemeral": {}}, "UNSUPPORTED", "{}"),
    ],
)
def test_a_users_message(fields: dict[str, Any], kind: str, text: str) -> None:
    (inbound,) = read(webhook({"messages": [{"from": "380", "id": "wamid.9", "timestamp": "2", **fields}]}))
    assert isinstance(inbound, Inbound)
    assert (inbound.channel, inbound.sender, inbound.user) == ("whatsapp", "15550001111", "380")
    assert (inbound.type, inbound.text, inbound.at) == (kind, text, 2000)


def test_a_webhook_without_the_apps_signature_is_foreign() -> None:
    with pytest.raises(InvalidSignatureError):
        read(signed({"object": "whatsapp_business_account"}, b"other"))
    with pytest.raises(InvalidSignatureError):
        read(Webhook("POST", {}, {}, b"{}"))
    with pytest.raises(MalformedWebhookError):
        read(signed({"object": "page"}))
    with pytest.raises(MalformedWebhookError):
        read(signed(["x"]))


def test_meta_asks_whether_the_address_is_ours() -> None:
    def challenge(token: str) -> Webhook:
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "42"}
        return Webhook("GET", query, {}, b"")

    async def main() -> None:
        async with HttpClient() as client:
            ours = connector(client, "http://127.0.0.1:1")
            assert ours.answer_challenge(challenge("v0")) == "42"
            assert ours.answer_challenge(Webhook("POST", {}, {}, b"")) is None
            with pytest.raises(InvalidSignatureError):
                ours.answer_challenge(challenge("other"))

    asyncio.run(main())
