"""Messenger and Instagram: the exact request for each MessageType, and what each answer and webhook means."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from tests.connectors.providers import Canned, RecordedRequest, canned
from tests.model.channel_tables import MESSAGE_TYPES
from waypost.connectors.contract import InvalidSignatureError, MalformedWebhookError, Submission, Webhook
from waypost.connectors.meta.graph import meta_signature
from waypost.connectors.meta.pages.connector import PageConnector
from waypost.connectors.meta.pages.webhooks import OBJECTS, Channel
from waypost.model.message.extras import Extras
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import (
    Accepted,
    Inbound,
    Outcome,
    Receipt,
    ReceiptKind,
    Refused,
    RejectedItem,
    Report,
    Unknown,
)
from waypost.outbound.client import HttpClient

LINK = "https://a.example/f"
REFERENCE = "2023071910220142000000001-0-1"
SUBMISSION = Submission(
    reference=REFERENCE,
    number=123456,
    sender="20004",
    recipient="7001",
    message_type="text",
    content={"text": "hi"},
    ttl=60,
)
TAKEN = Canned(body='{"recipient_id":"7001","message_id":"m_1"}')
REPLIES = [{"content_type": "text", "title": "Red", "payload": "r"}]
BUTTONS = [{"type": "web_url", "url": LINK, "title": "Go"}]
ELEMENTS = [{"title": "One", "buttons": BUTTONS}]


def attached(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"attachment": {"type": kind, "payload": payload}}


# MessageType: content, `message`.
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"text": "hi"}, {"text": "hi"}),
    "image": ({"link": LINK}, attached("image", {"url": LINK})),
    "video": ({"link": LINK}, attached("video", {"url": LINK})),
    "audio": ({"link": LINK}, attached("audio", {"url": LINK})),
    "document": ({"link": LINK}, attached("file", {"url": LINK})),
    "interactive": ({"text": "hi", "quick_replies": REPLIES}, {"text": "hi", "quick_replies": REPLIES}),
    "quickReply": ({"text": "hi", "quick_replies": REPLIES}, {"text": "hi", "quick_replies": REPLIES}),
    "couponTemplate": (
        {"title": "10 %", "coupon_code": "X"},
        attached("template", {"template_type": "coupon", "title": "10 %", "coupon_code": "X"}),
    ),
    "regularTemplate": (
        {"elements": ELEMENTS, "template_type": "other"},
        attached("template", {"template_type": "generic", "elements": ELEMENTS}),
    ),
    "buttonTemplate": (
        {"text": "?", "buttons": BUTTONS},
        attached("template", {"template_type": "button", "text": "?", "buttons": BUTTONS}),
    ),
}


def connector(client: HttpClient, url: str, channel: Channel = "messenger", **more: Any) -> PageConnector:
    return PageConnector(
        "p-1",
        client,
        channel=channel,
        tokens={"20004": "t0"},
        url=f"{url}/v23.0",
        app_secret="s0",
        verify_token="v0",
        **more,
    )


def send(submission: Submission, reply: Canned = TAKEN, **more: Any) -> tuple[Outcome, list[RecordedRequest]]:
    async def main() -> tuple[Outcome, list[RecordedRequest]]:
        async with canned(reply) as provider, HttpClient() as client:
            return await connector(client, provider.url, **more).send(submission), provider.requests

    return asyncio.run(main())


def read(webhook: Webhook, channel: Channel = "messenger") -> list[Report]:
    async def main() -> list[Report]:
        async with HttpClient() as client:
            return connector(client, "http://127.0.0.1:1", channel).parse_webhook(webhook)

    return asyncio.run(main())


def varied(**changes: Any) -> Submission:
    return msgspec.structs.replace(SUBMISSION, **changes)


def signed(members: object, secret: bytes = b"s0") -> Webhook:
    body = json.dumps(members).encode()
    return Webhook("POST", {}, {"x-hub-signature-256": meta_signature(secret, body)}, body)


def read_event(channel: Channel = "messenger", *, by: str = "7001", **event: Any) -> list[Report]:
    other = "20004" if by == "7001" else "7001"
    whole = {"sender": {"id": by}, "recipient": {"id": other}, "timestamp": 5, **event}
    entry = {"id": "20004", "time": 6, "messaging": [whole]}
    return read(signed({"object": OBJECTS[channel], "entry": [entry]}), channel)


def receipt(kind: ReceiptKind, mid: str, **more: Any) -> Receipt:
    return Receipt(route="p-1", kind=kind, at=5, provider_id=f"7001:{mid}", sender="20004", **more)


def test_every_message_type_is_here() -> None:
    assert ROWS.keys() == set(MESSAGE_TYPES["messenger"]) == set(MESSAGE_TYPES["instagram"])


@pytest.mark.parametrize("message_type", ROWS)
def test_request(message_type: str) -> None:
    content, message = ROWS[message_type]
    outcome, (request,) = send(varied(message_type=message_type, content=content))
    assert outcome == Accepted("7001:m_1")
    assert (request.method, request.path, request.query) == ("POST", "/v23.0/me/messages", {})
    assert request.headers["Authorization"] == "Bearer t0"
    assert json.loads(request.body) == {
        "messaging_type": "RESPONSE",
        "recipient": {"id": "7001"},
        "message": {**message, "metadata": REFERENCE},
    }


def test_on_instagram_nothing_brings_the_reference_back_and_taken_can_count_as_delivered() -> None:
    outcome, (request,) = send(SUBMISSION, channel="instagram", accepted_is_delivered=True)
    assert outcome == Accepted("7001:m_1", delivered=True)
    assert json.loads(request.body)["message"] == {"text": "hi"}


@pytest.mark.parametrize(
    ("tag", "fields"),
    [
        ("", {"messaging_type": "UPDATE"}),
        ("HUMAN_AGENT", {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
    ],
)
def test_a_template_goes_with_the_routes_tag(tag: str, fields: dict[str, str]) -> None:
    _, (request,) = send(varied(templated=True), template_tag=tag)
    body = json.loads(request.body)
    assert {name: body[name] for name in ("messaging_type", "tag") if name in body} == fields


@pytest.mark.parametrize("named", ["7001:m_0", "m_0"])
def test_a_message_that_is_replied_to(named: str) -> None:
    _, (request,) = send(varied(extras=Extras(context_message_id=named)))
    assert json.loads(request.body)["reply_to"] == {"mid": "m_0"}


def test_a_sender_the_route_does_not_know() -> None:
    outcome, requests = send(varied(sender="1"))
    assert isinstance(outcome, Refused)
    assert (outcome.failure, requests) == (SendFailure.NOT_CONFIGURED, [])


@pytest.mark.parametrize(
    ("status", "code", "subcode", "failure"),
    [
        (400, 10, 2018278, SendFailure.WAITING_FOR_USER),
        (400, 10, 2534022, SendFailure.WAITING_FOR_USER),
        (403, 10, None, SendFailure.NOT_CONFIGURED),
        (400, 551, 1545041, SendFailure.UNDELIVERABLE),
        (400, 100, 2018001, SendFailure.NOT_ON_CHANNEL),
        (400, 100, 2018109, SendFailure.BAD_REQUEST),
        (401, 190, 460, SendFailure.NOT_CONFIGURED),
        (403, 230, None, SendFailure.NOT_CONFIGURED),
        (400, 368, None, SendFailure.NOT_CONFIGURED),
        (429, 613, None, SendFailure.RATE_LIMITED),
        (400, 4, None, SendFailure.RATE_LIMITED),
        (500, 2, None, SendFailure.BUSY),
        (400, 1200, 1200, SendFailure.BUSY),
        (400, 1, None, SendFailure.BUSY),
        (400, 99999, None, SendFailure.BAD_REQUEST),
    ],
)
def test_a_refusal(status: int, code: int, subcode: int | None, failure: SendFailure) -> None:
    error = {"message": "m", "code": code, "error_subcode": subcode, "fbtrace_id": "A"}
    outcome, _ = send(SUBMISSION, Canned(status, json.dumps({"error": error})))
    assert isinstance(outcome, Refused)
    assert (outcome.failure, outcome.code) == (failure, str(code))


@pytest.mark.parametrize(
    "reply",
    [
        Canned(500, '{"error":{"message":"m","code":1}}'),
        Canned(500, "<html>"),
        Canned(200, "<html>"),
        Canned(200, "{}"),
    ],
)
def test_no_usable_answer_is_unknown(reply: Canned) -> None:
    assert isinstance(send(SUBMISSION, reply)[0], Unknown)


def test_delivery_by_names_and_by_watermark() -> None:
    until = Receipt(
        route="p-1", kind=ReceiptKind.DELIVERED, at=5, sender="20004", recipient="7001", watermark=4
    )
    named = [receipt(ReceiptKind.DELIVERED, mid) for mid in ("m_1", "mid.1:a")]
    assert read_event(delivery={"mids": ["m_1", "mid.1:a"], "watermark": 4}) == [*named, until]
    assert read_event(delivery={"mids": ["m_1"]}) == named[:1]
    assert read_event(delivery={"watermark": 4}) == [until]


def test_reading_by_watermark_and_by_name() -> None:
    until = Receipt(route="p-1", kind=ReceiptKind.READ, at=5, sender="20004", recipient="7001", watermark=4)
    assert read_event(read={"watermark": 4}) == [until]
    assert read_event("instagram", read={"mid": "m_1"}) == [receipt(ReceiptKind.READ, "m_1")]


def test_an_echo_is_a_receipt_of_our_own_message_and_of_nobody_elses() -> None:
    ours = {"mid": "m_1", "is_echo": True, "text": "hi", "metadata": REFERENCE}
    assert read_event(by="20004", message=ours) == [
        receipt(ReceiptKind.SENT, "m_1", reference=REFERENCE, recipient="7001")
    ]
    for metadata in (None, "a-b-c", "theirs"):
        assert read_event(by="20004", message={**ours, "metadata": metadata}) == []


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ({"text": "hi"}, [("m_9", "TEXT", "hi")]),
        ({"text": "Red", "quick_reply": {"payload": "r"}}, [("m_9", "BUTTON", "Red")]),
        (
            {
                "attachments": [
                    {"type": "image", "payload": {"url": LINK}},
                    {"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}}},
                ]
            },
            [
                ("m_9", "IMAGE", f'{{"url":"{LINK}"}}'),
                ("m_9#1", "LOCATION", '{"coordinates":{"lat":1,"long":2}}'),
            ],
        ),
        ({"attachments": [{"type": "fallback"}]}, [("m_9", "UNSUPPORTED", "{}")]),
        ({}, [("m_9", "UNSUPPORTED", "")]),
        ({"is_deleted": True, "text": "hi"}, []),
    ],
)
@pytest.mark.parametrize("channel", OBJECTS)
def test_a_users_message(
    channel: Channel, message: dict[str, Any], parts: list[tuple[str, str, str]]
) -> None:
    words = read_event(channel, message={"mid": "m_9", **message})
    assert all(isinstance(word, Inbound) for word in words)
    inbounds = [word for word in words if isinstance(word, Inbound)]
    assert [(word.provider_id, word.type, word.text) for word in inbounds] == parts
    for word in inbounds:
        assert (word.channel, word.sender, word.user, word.at) == (channel, "20004", "7001", 5)


def test_a_pressed_button() -> None:
    (word,) = read_event(postback={"mid": "m_9", "title": "Yes", "payload": "y"})
    assert isinstance(word, Inbound)
    assert (word.provider_id, word.type, word.text) == ("m_9", "BUTTON", "Yes")
    (older,) = read_event(postback={"title": "Yes"})
    assert isinstance(older, Inbound)
    assert older.provider_id == "postback-7001-5"


def test_what_needs_nothing_done() -> None:
    assert read_event(optin={"ref": "x"}) == []
    assert read(signed({"object": "page", "entry": [{"id": "1", "standby": [{}]}]})) == []


def test_foreign_and_unreadable_webhooks() -> None:
    with pytest.raises(InvalidSignatureError):
        read(signed({"object": "page"}, b"other"))
    for body in ({"object": "instagram"}, ["x"], {"object": "page", "entry": [{"messaging": 1}]}):
        with pytest.raises(MalformedWebhookError):
            read(signed(body))
    [report] = read(signed({"object": "page", "entry": [{"messaging": [{"read": 1}]}]}))
    assert isinstance(report, RejectedItem)


def test_meta_asks_whether_the_address_is_ours() -> None:
    async def main() -> None:
        async with HttpClient() as client:
            query = {"hub.mode": "subscribe", "hub.verify_token": "v0", "hub.challenge": "42"}
            assert (
                connector(client, "http://127.0.0.1:1").answer_challenge(Webhook("GET", query, {}, b""))
                == "42"
            )

    asyncio.run(main())
