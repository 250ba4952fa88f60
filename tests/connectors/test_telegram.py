"""The Bot API: the exact request for each MessageType, and what each answer and update means."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from tests.connectors.providers import Canned, RecordedRequest, canned
from waypost.connectors.contract import InvalidSignatureError, MalformedWebhookError, Submission, Webhook
from waypost.connectors.telegram.connector import TelegramConnector
from waypost.model.message.extras import Extras
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Refused, RejectedItem, Report, Unknown
from waypost.outbound.client import HttpClient

LINK = "https://a.example/f"
SUBMISSION = Submission(
    reference="2023071910220142000000001-0-1",
    number=1,
    sender="20002",
    recipient="-1001",
    message_type="text",
    content={"text": "hi"},
    ttl=60,
)
TAKEN = Canned(body='{"ok":true,"result":{"message_id":7,"date":1}}')
HEADERS = {"x-telegram-bot-api-secret-token": "s0"}

# MessageType: content, method, its arguments beside chat_id.
ROWS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "text": ({"text": "hi"}, "sendMessage", {"text": "hi"}),
    "image": ({"link": LINK, "caption": "c"}, "sendPhoto", {"photo": LINK, "caption": "c"}),
    "video": ({"link": LINK}, "sendVideo", {"video": LINK}),
    "audio": ({"link": LINK}, "sendAudio", {"audio": LINK}),
    "document": ({"link": LINK}, "sendDocument", {"document": LINK}),
    "gif": ({"link": LINK}, "sendAnimation", {"animation": LINK}),
    "sticker": ({"link": LINK}, "sendSticker", {"sticker": LINK}),
    "location": (
        {"latitude": 1.5, "longitude": 2.5},
        "sendLocation",
        {"latitude": 1.5, "longitude": 2.5},
    ),
    "interactive": (
        {"type": "sendDice", "sendDice": {"emoji": "x", "chat_id": "somebody else"}},
        "sendDice",
        {"emoji": "x"},
    ),
}


def send(
    submission: Submission, reply: Canned = TAKEN, **settings: Any
) -> tuple[Outcome, list[RecordedRequest]]:
    async def main() -> tuple[Outcome, list[RecordedRequest]]:
        async with canned(reply) as provider, HttpClient() as client:
            bot = TelegramConnector("tg-1", client, token="1:t", url=provider.url, **settings)
            return await bot.send(submission), provider.requests

    return asyncio.run(main())


def read(body: object, headers: dict[str, str] = HEADERS) -> list[Report]:
    async def main() -> list[Report]:
        async with HttpClient() as client:
            bot = TelegramConnector("tg-1", client, token="1:t", secret_token="s0", url="http://x")
            return bot.parse_webhook(Webhook("POST", {}, headers, json.dumps(body).encode()))

    return asyncio.run(main())


@pytest.mark.parametrize("message_type", ROWS)
def test_request(message_type: str) -> None:
    content, method, arguments = ROWS[message_type]
    submission = msgspec.structs.replace(SUBMISSION, message_type=message_type, content=content)
    outcome, (request,) = send(submission)
    assert outcome == Accepted("-1001:7", delivered=True)
    assert (request.method, request.path) == ("POST", f"/bot1:t/{method}")
    assert json.loads(request.body) == {"chat_id": "-1001", **arguments}


def test_a_reply_names_the_message_in_its_chat() -> None:
    extras = Extras(context_message_id="-1001:6")
    _, (request,) = send(msgspec.structs.replace(SUBMISSION, extras=extras))
    assert json.loads(request.body)["reply_parameters"] == {"message_id": 6}


def test_taken_need_not_count_as_delivered() -> None:
    outcome, _ = send(SUBMISSION, accepted_is_delivered=False)
    assert outcome == Accepted("-1001:7")


@pytest.mark.parametrize(
    ("code", "description", "failure"),
    [
        (400, "Bad Request: chat not found", SendFailure.NOT_ON_CHANNEL),
        (400, "Bad Request: can't parse entities", SendFailure.BAD_REQUEST),
        (403, "Forbidden: bot was blocked by the user", SendFailure.OPTED_OUT),
        (403, "Forbidden: user is deactivated", SendFailure.NOT_ON_CHANNEL),
        (403, "Forbidden: bot can't initiate conversation with a user", SendFailure.WAITING_FOR_USER),
        (401, "Unauthorized", SendFailure.NOT_CONFIGURED),
        (404, "Not Found", SendFailure.NOT_CONFIGURED),
        (409, "Conflict", SendFailure.NOT_CONFIGURED),
    ],
)
def test_a_refusal(code: int, description: str, failure: SendFailure) -> None:
    body = json.dumps({"ok": False, "error_code": code, "description": description})
    assert send(SUBMISSION, Canned(code, body))[0] == Refused(failure, str(code), description)


def test_a_rate_limit_has_the_time_to_wait() -> None:
    body = '{"ok":false,"error_code":429,"description":"slow","parameters":{"retry_after":30}}'
    outcome, _ = send(SUBMISSION, Canned(429, body))
    assert outcome == Refused(SendFailure.RATE_LIMITED, "429", "slow", 30_000)


@pytest.mark.parametrize(
    "reply", [Canned(502, "<html>"), Canned(500, '{"ok":false,"error_code":500}'), Canned(200, '{"ok":true}')]
)
def test_no_usable_answer_is_unknown(reply: Canned) -> None:
    assert isinstance(send(SUBMISSION, reply)[0], Unknown)


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [({"text": "hi"}, "TEXT", "hi"), ({"photo": [{"file_id": "a"}]}, "IMAGE", '[{"file_id":"a"}]')],
)
def test_a_users_message(fields: dict[str, Any], kind: str, text: str) -> None:
    (inbound,) = read({"update_id": 5, "message": {"chat": {"id": 9}, "date": 2, **fields}})
    assert isinstance(inbound, Inbound)
    assert (inbound.sender, inbound.user, inbound.provider_id, inbound.at) == ("", "9", "5", 2000)
    assert (inbound.type, inbound.text) == (kind, text)


def test_other_updates_and_foreign_ones() -> None:
    assert read({"update_id": 5, "edited_message": {}}) == []
    updates: list[dict[str, object]] = [{"my_chat_member": {}}, {"unheard_of": {}}, {}]
    for update in updates:
        [report] = read({"update_id": 5, **update})
        assert isinstance(report, RejectedItem)
    with pytest.raises(InvalidSignatureError):
        read({"update_id": 5}, {})
    with pytest.raises(MalformedWebhookError):
        read(["x"])
