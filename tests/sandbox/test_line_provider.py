"""The simulated Messaging API of LINE in its wire form: what it takes, refuses and reports.

Source: LINE's OpenAPI of the Messaging API; LINE Developers, "Retrying API requests", "Receiving messages".
"""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.sandbox.chat_network import CHANNELS, chat_network
from tests.sandbox.sandbox_network import START

LINE = CHANNELS["line"]
PERSON = LINE.person + "7777"
LINK = "https://a.example/f"
TEXT = {"type": "text", "text": "hi"}
KEY = "123e4567-e89b-12d3-a456-426614174000"


def push(*messages: object, to: object = PERSON) -> dict[str, Any]:
    return {"to": to, "messages": list(messages)}


SHOWN: dict[str, tuple[list[dict[str, Any]], tuple[str, str]]] = {
    "text": ([TEXT], ("hi", "")),
    "text with emoji": ([{"type": "textV2", "text": "Hi {a}", "substitution": {}}], ("Hi {a}", "")),
    "image": ([{"type": "image", "originalContentUrl": LINK, "previewImageUrl": LINK}], ("", LINK)),
    "video": ([{"type": "video", "originalContentUrl": LINK, "previewImageUrl": LINK}], ("", LINK)),
    "audio": ([{"type": "audio", "originalContentUrl": LINK, "duration": 1000}], ("", LINK)),
    "location": (
        [{"type": "location", "title": "Here", "address": "a", "latitude": 35.6, "longitude": 139.7}],
        ("Here (35.6, 139.7)", ""),
    ),
    "sticker": ([{"type": "sticker", "packageId": "446", "stickerId": "1988"}], ("[sticker 446/1988]", "")),
    "imagemap": ([{"type": "imagemap", "altText": "map", "baseUrl": LINK}], ("map", LINK)),
    "template": ([{"type": "template", "altText": "choose", "template": {}}], ("choose", "")),
    "flex": ([{"type": "flex", "altText": "a card", "contents": {}}], ("a card", "")),
    "coupon": ([{"type": "coupon", "couponId": "c1"}], ("[coupon c1]", "")),
    "two texts": ([TEXT, {"type": "text", "text": "there"}], ("hi\nthere", "")),
    "five": ([TEXT] * 5, ("\n".join(["hi"] * 5), "")),
    "a text and an image": ([TEXT, {"type": "image", "originalContentUrl": LINK}], ("hi", LINK)),
}


@pytest.mark.parametrize(("messages", "shown"), SHOWN.values(), ids=SHOWN)
async def test_a_phone_shows(messages: list[dict[str, Any]], shown: tuple[str, str], tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        accepted = await network.post(LINE, push(*messages))
        [sent] = accepted.json["sentMessages"]
        assert (accepted.status, accepted.json) == (200, {"sentMessages": [{"id": sent["id"]}]})
        assert len(sent["id"]) == 18
        assert sent["id"].isdecimal()
        assert network.shown(PERSON) == [shown]


SIZE = "Size must be between 1 and 5"
MALFORMED = "The request body has 1 error(s)"
REFUSED: dict[str, tuple[object, str]] = {
    "no JSON": (b"{", MALFORMED),
    "no UTF-8": (b'{"to":"\xff"}', MALFORMED),
    "a list": ([], MALFORMED),
    "no recipient": ({"messages": [TEXT]}, MALFORMED),
    "a recipient that is no text": (push(TEXT, to=5), MALFORMED),
    "no messages": ({"to": PERSON}, MALFORMED),
    "messages that are no list": ({"to": PERSON, "messages": 5}, MALFORMED),
    "none": (push(), SIZE),
    "six": (push(*[TEXT] * 6), SIZE),
    "no type": (push({"text": "hi"}), MALFORMED),
    "an unheard-of type": (push({"type": "poll"}), MALFORMED),
    "a text without its text": (push({"type": "text"}), MALFORMED),
    "a text that is none": (push({"type": "text", "text": 5}), MALFORMED),
    "a message as text": (push("hi"), MALFORMED),
    "a bad one behind a good one": (push(TEXT, {"type": "image"}), MALFORMED),
}


@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED)
async def test_a_bad_request_is_refused(body: object, words: str, tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        refusal_answer = await network.post(LINE, body)
        assert (refusal_answer.status, refusal_answer.json) == (400, {"message": words})
        assert network.shown(PERSON) == []


@pytest.mark.parametrize("shown", ["", "sandbox-token-1", "Bearer sandbox-token", "Bearer guess"])
async def test_who_shows_no_token_of_a_channel_is_refused(shown: str, tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        headers = {"Authorization": shown} if shown else {}
        refusal_answer = await network.post(LINE, push(TEXT), headers=headers)
        assert (refusal_answer.status, refusal_answer.json) == (401, {"message": "Authentication failed"})


@pytest.mark.parametrize(
    ("digits", "status", "words"),
    [
        ("0001", 400, "Failed to send messages"),
        ("0006", 429, "The API rate limit has been exceeded. Try again later."),
        ("0011", 400, "Failed to send messages"),
    ],
)
async def test_a_refusal_in_its_wire_form(digits: str, status: int, words: str, tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        refusal_answer = await network.post(LINE, LINE.text(LINE.person + digits))
        assert (refusal_answer.status, refusal_answer.json) == (status, {"message": words})


async def test_a_repeat_under_the_same_retry_key_is_the_same_message(tmp_path: Path) -> None:
    headers = LINE.headers | {"X-Line-Retry-Key": KEY}
    async with chat_network(tmp_path) as network:
        first = await network.post(LINE, push(TEXT), headers=headers)
        for _ in range(2):
            repeat = await network.post(LINE, push(TEXT), headers=headers)
            assert repeat.status == 409
            assert repeat.json == {"message": "The retry key is already accepted", **first.json}
        assert network.shown(PERSON) == [("hi", "")]
        other = await network.post(LINE, push(TEXT), headers=LINE.headers | {"X-Line-Retry-Key": KEY[::-1]})
        assert other.status == 200
        assert len(network.shown(PERSON)) == 2


async def test_after_an_answer_that_was_lost_the_repeat_learns_its_id(tmp_path: Path) -> None:
    person = LINE.person + "0007"
    headers = LINE.headers | {"X-Line-Retry-Key": KEY}
    async with chat_network(tmp_path) as network:
        with pytest.raises(aiohttp.ClientConnectionError):
            await network.post(LINE, push(TEXT, to=person), headers=headers)
        repeat = await network.post(LINE, push(TEXT, to=person), headers=headers)
        [on_phone] = network.phones.phone(person)
        assert repeat.status == 409
        assert repeat.json["sentMessages"] == [{"id": on_phone.token}]


async def test_a_refused_message_does_not_use_up_its_retry_key(tmp_path: Path) -> None:
    person = LINE.person + "0006"
    headers = LINE.headers | {"X-Line-Retry-Key": KEY}
    async with chat_network(tmp_path) as network:
        answers = [await network.post(LINE, push(TEXT, to=person), headers=headers) for _ in range(4)]
        assert [answer.status for answer in answers] == [429, 429, 200, 409]
        assert len(network.shown(person)) == 1


async def test_an_event_with_a_persons_answer(tmp_path: Path) -> None:
    person = LINE.person + "0010"
    async with chat_network(tmp_path) as network:
        await network.post(LINE, push(TEXT, to=person))
        await network.play_out()
        [webhook] = network.recorder.accepted
        [event] = webhook.json["events"]
        assert webhook.json["destination"].startswith("U")
        assert event == {
            "type": "message",
            "mode": "active",
            "timestamp": START + 2000,
            "webhookEventId": event["webhookEventId"],
            "deliveryContext": {"isRedelivery": False},
            "source": {"type": "user", "userId": person},
            "replyToken": event["replyToken"],
            "message": {"id": event["message"]["id"], "type": "text", "text": "STOP"},
        }
        assert event["message"]["id"].isdecimal()
        digest = hmac.new(b"sandbox-app-secret", webhook.body, hashlib.sha256).digest()
        assert webhook.headers["x-line-signature"] == base64.b64encode(digest).decode()


async def test_each_account_has_a_channel_of_its_own(tmp_path: Path) -> None:
    person = LINE.person + "0010"
    async with chat_network(tmp_path) as network:
        headers = {"Authorization": "Bearer sandbox-token-2"}
        assert (await network.post(LINE, push(TEXT, to=person), headers=headers)).status == 200
        [on_phone] = network.phones.phone(person)
        assert on_phone.from_ == "30003"
        await network.play_out()
        [webhook] = network.recorder.accepted
        assert webhook.path == "/receipts/sandbox-line-2/sandbox"
