"""The Messaging API: the exact request for each MessageType, and what each answer and event means."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from tests.connectors.providers import Canned, RecordedRequest, canned
from waypost.connectors.contract import InvalidSignatureError, MalformedWebhookError, Submission, Webhook
from waypost.connectors.line.connector import LineConnector, line_signature, retry_key
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Refused, RejectedItem, Report, Unknown
from waypost.outbound.client import HttpClient

LINK, PREVIEW = "https://a.example/f", "https://a.example/p"
ACTION = {"type": "uri", "label": "Go", "uri": LINK}
COLUMN = {"text": "one", "actions": [ACTION]}
SUBMISSION = Submission(
    reference="2023071910220142000000001-0-1",
    number=1,
    sender="20003",
    recipient="U1",
    message_type="text",
    content={"text": "hi"},
    ttl=60,
)
TAKEN = Canned(body='{"sentMessages":[{"id":"461","quoteToken":"q"}]}')


def template(alt_text: str, **members: Any) -> dict[str, Any]:
    return {"type": "template", "altText": alt_text, "template": members}


# MessageType: content, the message object.
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"text": "hi"}, {"type": "text", "text": "hi"}),
    "textV2": ({"text": "hi"}, {"type": "textV2", "text": "hi"}),
    "image": (
        {"link": LINK, "previewImageUrl": PREVIEW},
        {"type": "image", "originalContentUrl": LINK, "previewImageUrl": PREVIEW},
    ),
    "video": (
        {"link": LINK, "previewImageUrl": PREVIEW},
        {"type": "video", "originalContentUrl": LINK, "previewImageUrl": PREVIEW},
    ),
    "audio": (
        {"link": LINK, "duration": 60000},
        {"type": "audio", "originalContentUrl": LINK, "duration": 60000},
    ),
    "buttons": (
        {"text": "?", "actions": [ACTION]},
        template("?", type="buttons", text="?", actions=[ACTION]),
    ),
    "confirm": (
        {"text": "?", "actions": [ACTION], "altText": "a"},
        template("a", type="confirm", text="?", actions=[ACTION]),
    ),
    "carousel": ({"columns": [COLUMN]}, template("one", type="carousel", columns=[COLUMN])),
    "imageCarousel": (
        {"columns": [{"imageUrl": LINK}]},
        template("imageCarousel", type="image_carousel", columns=[{"imageUrl": LINK}]),
    ),
    "quickReply": (
        {"text": "?", "items": [{"action": ACTION}]},
        {"type": "text", "text": "?", "quickReply": {"items": [{"type": "action", "action": ACTION}]}},
    ),
    "sticker": (
        {"packageId": 446, "stickerId": "1988"},
        {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    ),
    "location": (
        {"title": "T", "address": "A", "latitude": 1.5, "longitude": 2.5},
        {"type": "location", "title": "T", "address": "A", "latitude": 1.5, "longitude": 2.5},
    ),
    "coupon": ({"couponId": "c"}, {"type": "coupon", "couponId": "c"}),
    "imagemap": (
        {"baseUrl": LINK, "altText": "a", "baseSize": {"width": 1040, "height": 1}, "actions": []},
        {
            "type": "imagemap",
            "baseUrl": LINK,
            "altText": "a",
            "baseSize": {"width": 1040, "height": 1},
            "actions": [],
        },
    ),
    "flex": (
        {"contents": {"type": "bubble"}, "altText": "a"},
        {"type": "flex", "contents": {"type": "bubble"}, "altText": "a"},
    ),
    "interactive": ({"type": "text", "text": "raw"}, {"type": "text", "text": "raw"}),
}


def connector(client: HttpClient, url: str) -> LineConnector:
    return LineConnector("line-1", client, token="t0", channel_secret="s0", url=url)


def send(submission: Submission, reply: Canned = TAKEN) -> tuple[Outcome, list[RecordedRequest]]:
    async def main() -> tuple[Outcome, list[RecordedRequest]]:
        async with canned(reply) as provider, HttpClient() as client:
            return await connector(client, provider.url).send(submission), provider.requests

    return asyncio.run(main())


def read(body: object, secret: bytes = b"s0") -> list[Report]:
    async def main() -> list[Report]:
        raw = json.dumps(body).encode()
        async with HttpClient() as client:
            return connector(client, "http://127.0.0.1:1").parse_webhook(
                Webhook("POST", {}, {"x-line-signature": line_signature(secret, raw)}, raw)
            )

    return asyncio.run(main())


@pytest.mark.parametrize("message_type", ROWS)
def test_request(message_type: str) -> None:
    content, message = ROWS[message_type]
    submission = msgspec.structs.replace(SUBMISSION, message_type=message_type, content=content)
    outcome, (request,) = send(submission)
    assert outcome == Accepted("461", delivered=True)
    assert (request.method, request.path) == ("POST", "/v2/bot/message/push")
    assert request.headers["Authorization"] == "Bearer t0"
    assert request.headers["X-Line-Retry-Key"] == retry_key(SUBMISSION.reference)
    assert json.loads(request.body) == {"to": "U1", "messages": [message]}


def test_up_to_five_messages_go_as_they_are() -> None:
    many = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    submission = msgspec.structs.replace(SUBMISSION, message_type="interactive", content={"messages": many})
    _, (request,) = send(submission)
    assert json.loads(request.body)["messages"] == many


def test_every_attempt_of_a_leg_has_the_same_key_and_another_leg_another() -> None:
    assert retry_key("m-0-1") == retry_key("m-0-2") != retry_key("m-1-1")


def test_what_was_accepted_before_is_accepted() -> None:
    body = '{"message":"The retry key is already accepted","sentMessages":[{"id":"461"}]}'
    assert send(SUBMISSION, Canned(409, body))[0] == Accepted("461", delivered=True)


@pytest.mark.parametrize(
    ("status", "message", "failure"),
    [
        (400, "Failed to send messages", SendFailure.NOT_ON_CHANNEL),
        (400, "The request body has 1 error(s)", SendFailure.BAD_REQUEST),
        (401, "Authentication failed", SendFailure.NOT_CONFIGURED),
        (429, "The API rate limit has been exceeded. Try again later.", SendFailure.RATE_LIMITED),
        (429, "You have reached your monthly limit.", SendFailure.NOT_CONFIGURED),
    ],
)
def test_a_refusal(status: int, message: str, failure: SendFailure) -> None:
    outcome, _ = send(SUBMISSION, Canned(status, json.dumps({"message": message})))
    assert outcome == Refused(failure, str(status), message)


@pytest.mark.parametrize("reply", [Canned(500, "{}"), Canned(200, "<html>"), Canned(200, "{}")])
def test_no_usable_answer_is_unknown(reply: Canned) -> None:
    assert isinstance(send(SUBMISSION, reply)[0], Unknown)


def test_users_messages_and_nothing_else() -> None:
    event = {
        "type": "message",
        "timestamp": 5,
        "webhookEventId": "01",
        "source": {"type": "user", "userId": "U1"},
        "message": {"id": "1", "type": "text", "text": "hi"},
    }
    (inbound,) = read({"destination": "U0", "events": [event, {"type": "unsend"}]})
    assert isinstance(inbound, Inbound)
    assert (inbound.sender, inbound.user, inbound.at, inbound.provider_id) == ("", "U1", 5, "01")
    assert (inbound.type, inbound.text) == ("TEXT", "hi")
    assert read({"events": []}) == []
    for odd in ({"type": "follow"}, {**event, "type": "unheard of"}, {**event, "source": None}, 5):
        [report] = read({"events": [odd]})
        assert isinstance(report, RejectedItem)
        assert report.place == "events[0]"


def test_foreign_and_unreadable_webhooks() -> None:
    with pytest.raises(InvalidSignatureError):
        read({"events": []}, b"other")
    with pytest.raises(MalformedWebhookError):
        read({"other": 1})
