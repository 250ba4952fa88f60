"""The simulated Send API of Messenger and Instagram in its wire form: what it takes, refuses and reports.

Source: Meta's Messenger Platform and Instagram Messaging, "Send API", "Error codes", "Webhooks".
"""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.chat_network import CHANNELS, ChatChannel, chat_network
from tests.sandbox.sandbox_network import START

NAMES = ["messenger", "instagram"]
OBJECTS = {"messenger": "page", "instagram": "instagram"}
LINK = "https://a.example/f"
ON_BOTH = pytest.mark.parametrize("name", NAMES)


def request_of(channel: ChatChannel, message: object, **changes: object) -> dict[str, Any]:
    recipient = {"id": channel.person + "7777"}
    return {"messaging_type": "RESPONSE", "recipient": recipient, "message": message} | changes


def attachment(kind: str, **payload: object) -> dict[str, Any]:
    return {"attachment": {"type": kind, "payload": payload}}


SHOWN: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "text": ({"text": "hi"}, ("hi", "")),
    "quick replies": (
        {"text": "Well?", "quick_replies": [{"content_type": "text", "title": "Yes"}]},
        ("Well?", ""),
    ),
    "image": (attachment("image", url=LINK, is_reusable=True), ("", LINK)),
    "file": (attachment("file", url=LINK), ("", LINK)),
    "a like": ({"attachment": {"type": "like_heart"}}, ("", "[like_heart]")),
    "a post": (attachment("MEDIA_SHARE", id="17"), ("", "[MEDIA_SHARE]")),
    "cards": (
        attachment("template", template_type="generic", elements=[{"title": "Shoes"}, {"title": "Hats"}]),
        ("Shoes, Hats", ""),
    ),
    "buttons": (attachment("template", template_type="button", text="Well?", buttons=[]), ("Well?", "")),
    "coupon": (attachment("template", template_type="coupon", title="10 %"), ("10 %", "")),
    "product": (attachment("template", template_type="product", elements=[]), ("[product]", "")),
}


@ON_BOTH
@pytest.mark.parametrize(("message", "shown"), SHOWN.values(), ids=SHOWN)
async def test_a_phone_shows(name: str, message: object, shown: tuple[str, str], tmp_path: Path) -> None:
    channel = CHANNELS[name]
    person = channel.person + "7777"
    async with chat_network(tmp_path) as network:
        accepted = await network.post(channel, request_of(channel, message))
        assert accepted.status == 200
        assert accepted.json == {"recipient_id": person, "message_id": accepted.json["message_id"]}
        assert accepted.json["message_id"].startswith("m_")
        assert network.shown(person) == [shown]
        [on_phone] = network.phones.phone(person)
        assert (on_phone.channel, on_phone.from_) == (name, channel.sender)


@ON_BOTH
@pytest.mark.parametrize("kind", ["RESPONSE", "UPDATE", "MESSAGE_TAG"])
async def test_each_kind_of_messaging_is_taken(name: str, kind: str, tmp_path: Path) -> None:
    channel = CHANNELS[name]
    async with chat_network(tmp_path) as network:
        body = request_of(channel, {"text": "hi"}, messaging_type=kind)
        assert (await network.post(channel, body)).status == 200


INVALID = "Invalid parameter"
TEXT = {"text": "hi"}
REFUSED: dict[str, tuple[object, str]] = {
    "no JSON": (b"{", INVALID),
    "no UTF-8": (b'{"message":"\xff"}', INVALID),
    "a list": ([], INVALID),
    "no message": ({"messaging_type": "RESPONSE", "recipient": {"id": "1"}}, INVALID),
    "no kind of messaging": ({"recipient": {"id": "1"}, "message": TEXT}, INVALID),
    "another kind of messaging": (
        {"messaging_type": "PROMOTION", "recipient": {"id": "1"}, "message": TEXT},
        "Param messaging_type is not valid",
    ),
    "nobody": ({"messaging_type": "RESPONSE", "recipient": {}, "message": TEXT}, INVALID),
    "a recipient as text": ({"messaging_type": "RESPONSE", "recipient": "1", "message": TEXT}, INVALID),
    "a recipient as number": (
        {"messaging_type": "RESPONSE", "recipient": {"id": 1}, "message": TEXT},
        INVALID,
    ),
    "an empty message": ({"messaging_type": "RESPONSE", "recipient": {"id": "1"}, "message": {}}, INVALID),
    "a message as text": (
        {"messaging_type": "RESPONSE", "recipient": {"id": "1"}, "message": "text"},
        INVALID,
    ),
    "a text that is none": (
        {"messaging_type": "RESPONSE", "recipient": {"id": "1"}, "message": {"text": 5}},
        INVALID,
    ),
    "a payload as text": (
        {
            "messaging_type": "RESPONSE",
            "recipient": {"id": "1"},
            "message": {"attachment": {"type": "image", "payload": LINK}},
        },
        INVALID,
    ),
    "a template of no type": (
        {"messaging_type": "RESPONSE", "recipient": {"id": "1"}, "message": attachment("template")},
        INVALID,
    ),
}


@ON_BOTH
@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED)
async def test_a_bad_request_is_refused(name: str, body: object, words: str, tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        refusal_answer = await network.post(CHANNELS[name], body)
        assert refusal_answer.status == 400
        assert (refusal_answer.json["error"]["code"], refusal_answer.json["error"]["message"]) == (
            100,
            f"(#100) {words}",
        )
        assert network.phones.next_due() is None


@ON_BOTH
@pytest.mark.parametrize("shown", ["", "sandbox-token-1", "Bearer sandbox-token", "Bearer guess"])
async def test_who_shows_no_token_of_a_page_is_refused(name: str, shown: str, tmp_path: Path) -> None:
    channel = CHANNELS[name]
    async with chat_network(tmp_path) as network:
        headers = {"Authorization": shown} if shown else {}
        refusal_answer = await network.post(channel, request_of(channel, TEXT), headers=headers)
        assert refusal_answer.status == 401
        assert refusal_answer.json["error"] == {
            "message": "(#190) Invalid OAuth access token",
            "type": "OAuthException",
            "code": 190,
            "fbtrace_id": refusal_answer.json["error"]["fbtrace_id"],
        }


@ON_BOTH
@pytest.mark.parametrize(
    ("digits", "code", "subcode"), [("0001", 100, 2018001), ("0009", 551, 1545041), ("0006", 1200, None)]
)
async def test_a_refusal_has_its_subcode(
    name: str, digits: str, code: int, subcode: int | None, tmp_path: Path
) -> None:
    channel = CHANNELS[name]
    async with chat_network(tmp_path) as network:
        refusal_answer = await network.post(channel, channel.text(channel.person + digits))
        assert (refusal_answer.json["error"]["code"], refusal_answer.json["error"].get("error_subcode")) == (
            code,
            subcode,
        )


def event(sender: str, recipient: str, after: int, **more: object) -> dict[str, Any]:
    parties: dict[str, Any] = {"sender": {"id": sender}, "recipient": {"id": recipient}}
    return parties | {"timestamp": START + after, **more}


def envelope(name: str, *events: dict[str, Any]) -> dict[str, Any]:
    # Of an echo the page is the sender; it comes with the receipt, whose recipient is the page.
    page, at = events[-1]["recipient"]["id"], events[-1]["timestamp"]
    return {"object": OBJECTS[name], "entry": [{"id": page, "time": at, "messaging": list(events)}]}


async def test_messenger_reports_what_was_delivered_with_its_echo_and_reading_by_a_watermark(
    tmp_path: Path,
) -> None:
    channel = CHANNELS["messenger"]
    person, page = channel.person + "7777", channel.sender
    async with chat_network(tmp_path) as network:
        accepted = await network.post(channel, channel.text(person, "hi", "2027-0-1"))
        mid = accepted.json["message_id"]
        await network.play_out()
        delivered, read = (webhook.json for webhook in network.recorder.accepted)
        echo = {"mid": mid, "text": "hi", "is_echo": True, "metadata": "2027-0-1"}
        delivery = {"mids": [mid], "watermark": START + 1000}
        assert delivered == envelope(
            "messenger",
            event(page, person, 1000, message=echo),
            event(person, page, 1000, delivery=delivery),
        )
        assert read == envelope("messenger", event(person, page, 2000, read={"watermark": START + 2000}))


async def test_instagram_reports_reading_by_the_message(tmp_path: Path) -> None:
    channel = CHANNELS["instagram"]
    person, account = channel.person + "7777", channel.sender
    async with chat_network(tmp_path) as network:
        accepted = await network.post(channel, channel.text(person))
        await network.play_out()
        [read] = network.recorder.accepted
        seen = {"mid": accepted.json["message_id"]}
        assert read.json == envelope("instagram", event(person, account, 2000, read=seen))


@ON_BOTH
async def test_a_persons_answer_in_its_wire_form(name: str, tmp_path: Path) -> None:
    channel = CHANNELS[name]
    person = channel.person + "0010"
    async with chat_network(tmp_path) as network:
        accepted = await network.post(channel, channel.text(person))
        await network.play_out()
        answer = network.recorder.accepted[-1].json
        mid = answer["entry"][0]["messaging"][0]["message"]["mid"]
        assert mid.startswith("m_")
        assert mid != accepted.json["message_id"]
        reply_body = {"mid": mid, "text": "STOP", "reply_to": {"mid": accepted.json["message_id"]}}
        assert answer == envelope(name, event(person, channel.sender, 2000, message=reply_body))


@ON_BOTH
async def test_every_webhook_is_signed_over_its_bytes(name: str, tmp_path: Path) -> None:
    channel = CHANNELS[name]
    async with chat_network(tmp_path) as network:
        await network.post(channel, channel.text(channel.person + "0010", "héllo 你好"))
        await network.play_out()
        for webhook in network.recorder.accepted:
            digest = hmac.new(b"sandbox-app-secret", webhook.body, hashlib.sha256).hexdigest()
            assert webhook.headers["x-hub-signature-256"] == f"sha256={digest}"
            assert webhook.path == f"/receipts/sandbox-{name}/sandbox"
        assert network.recorder.accepted


@ON_BOTH
async def test_each_account_has_a_page_of_its_own(name: str, tmp_path: Path) -> None:
    channel = CHANNELS[name]
    person = channel.person + "7777"
    async with chat_network(tmp_path) as network:
        other = {"Authorization": "Bearer sandbox-token-2"}
        assert (await network.post(channel, channel.text(person), headers=other)).status == 200
        [on_phone] = network.phones.phone(person)
        assert on_phone.from_ == {"messenger": "30004", "instagram": "30005"}[name]
