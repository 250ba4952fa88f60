"""The simulated WhatsApp Cloud API in its wire form: what it takes, refuses and reports.

Source: Meta's OpenAPI of the business messaging API (v23.0) and its page of error codes.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.chat_network import CHANNELS, chat_network
from tests.sandbox.sandbox_network import START
from waypost.model.identifiers import AccountId
from waypost.model.templates.template import Template

WHATSAPP = CHANNELS["whatsapp"]
PERSON = WHATSAPP.person + "7777"
LINK = "https://a.example/f"


def message(kind: str, value: object, **changes: object) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": PERSON, "type": kind, kind: value} | changes


SHOWN: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "text": (message("text", {"body": "hi", "preview_url": True}), ("hi", "")),
    "image": (message("image", {"link": LINK, "caption": "a cat"}), ("a cat", LINK)),
    "image alone": (message("image", {"link": LINK}), ("", LINK)),
    "video": (message("video", {"link": LINK, "caption": "a film"}), ("a film", LINK)),
    "audio": (message("audio", {"link": LINK}), ("", LINK)),
    "document": (message("document", {"link": LINK, "filename": "a.pdf"}), ("a.pdf", LINK)),
    "document with caption": (
        message("document", {"link": LINK, "filename": "a.pdf", "caption": "bill"}),
        ("bill", LINK),
    ),
    "sticker": (message("sticker", {"link": LINK}), ("", LINK)),
    "location": (
        message("location", {"latitude": 50.4, "longitude": 30.5, "name": "Kyiv"}),
        ("Kyiv (50.4, 30.5)", ""),
    ),
    "nameless location": (
        message("location", {"latitude": "50.4", "longitude": "30.5"}),
        ("(50.4, 30.5)", ""),
    ),
    "contacts": (
        message("contacts", [{"name": {"formatted_name": name}} for name in ("Zoe Z", "Bob B")]),
        ("Zoe Z, Bob B", ""),
    ),
    "reaction": (message("reaction", {"message_id": "wamid.1", "emoji": "😀"}), ("😀", "")),
    "buttons": (
        message("interactive", {"type": "button", "body": {"text": "Well?"}, "action": {}}),
        ("Well?", ""),
    ),
    "product": (message("interactive", {"type": "product", "action": {}}), ("[product]", "")),
    "pin": (message("pin", {"message_id": "wamid.1"}), ("[pin wamid.1]", "")),
    "by user id": (message("text", {"body": "hi"}, to="", recipient=PERSON), ("hi", "")),
}


@pytest.mark.parametrize(("body", "shown"), SHOWN.values(), ids=SHOWN)
async def test_a_phone_shows(body: dict[str, Any], shown: tuple[str, str], tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        accepted = await network.post(WHATSAPP, body)
        [contact] = accepted.json["contacts"]
        assert contact == {"input": PERSON, "wa_id": PERSON}
        [named] = accepted.json["messages"]
        assert named["id"].startswith("wamid.")
        assert (accepted.status, accepted.json["messaging_product"]) == (200, "whatsapp")
        assert network.shown(PERSON) == [shown]


NOT_VALID = (400, 131009, "Parameter value is not valid")
REFUSED: dict[str, tuple[object, tuple[int, int, str]]] = {
    "no JSON": (b"{", NOT_VALID),
    "no UTF-8": (b'{"type":"\xff"}', NOT_VALID),
    "a list": ([], NOT_VALID),
    "a number": (5, NOT_VALID),
    "no type": ({"messaging_product": "whatsapp", "to": PERSON}, NOT_VALID),
    "no product": ({"to": PERSON, "type": "text", "text": {"body": "hi"}}, NOT_VALID),
    "another product": (
        message("text", {"body": "hi"}, messaging_product="sms"),
        (400, 100, "messaging_product must be whatsapp"),
    ),
    "an unheard-of type": (message("poll", {}), NOT_VALID),
    "a type without its object": ({"messaging_product": "whatsapp", "to": PERSON, "type": "text"}, NOT_VALID),
    "nobody": ({"messaging_product": "whatsapp", "type": "text", "text": {"body": "hi"}}, NOT_VALID),
    "a recipient that is no text": (message("text", {"body": "hi"}, to=[PERSON]), NOT_VALID),
    "a text without body": (message("text", {}), NOT_VALID),
    "a body that is no text": (message("text", {"body": 5}), NOT_VALID),
    "a text as text": (message("text", "hi"), NOT_VALID),
    "an image without link": (message("image", {"caption": "a cat"}), NOT_VALID),
    "an image as text": (message("image", LINK), NOT_VALID),
    "contacts without a name": (message("contacts", [{}]), NOT_VALID),
    "a location without a longitude": (message("location", {"latitude": 1}), NOT_VALID),
    "an unknown template": (
        message("template", {"name": "none", "language": {"code": "en"}}),
        (404, 132001, "Template name does not exist in the translation"),
    ),
    "a template without language": (message("template", {"name": "welcome"}), NOT_VALID),
    "a template's value missing": (
        message("template", {"name": "welcome", "language": {"code": "en"}}),
        (400, 132000, "Number of parameters does not match: 0 values for the 1 variables of the text"),
    ),
}


def welcome(language: str = "en") -> Template:
    return Template(
        code="1",
        name="welcome",
        language=language,
        account_id=AccountId("1"),
        space_id=None,
        channel="whatsapp",
        message_type="text",
        content={"text": "Hello $(name)"},
        status="pass",
    )


@pytest.mark.parametrize(("body", "error"), REFUSED.values(), ids=REFUSED)
async def test_a_bad_request_is_refused(body: object, error: tuple[int, int, str], tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        network.templates["1", "welcome", "en"] = welcome()
        refusal_answer = await network.post(WHATSAPP, body)
        status, code, words = error
        assert refusal_answer.status == status
        assert refusal_answer.json == {
            "error": {
                "message": f"(#{code}) {words}",
                "type": "OAuthException",
                "code": code,
                "fbtrace_id": refusal_answer.json["error"]["fbtrace_id"],
            }
        }
        assert network.shown(PERSON) == []
        assert network.phones.next_due() is None


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/100001/messages", {}, 401, 190),
        ("/100001/messages", {"Authorization": "sandbox-token"}, 401, 190),
        ("/100001/messages", {"Authorization": "Bearer guess"}, 401, 190),
        ("/999999/messages", WHATSAPP.headers, 400, 33),
    ],
)
async def test_who_is_not_known_is_refused(
    path: str, headers: dict[str, str], status: int, code: int, tmp_path: Path
) -> None:
    async with chat_network(tmp_path) as network:
        refusal_answer = await network.post(
            WHATSAPP, message("text", {"body": "hi"}), path=path, headers=headers
        )
        assert (refusal_answer.status, refusal_answer.json["error"]["code"]) == (status, code)
        assert network.shown(PERSON) == []


async def test_a_template_of_the_sender_is_shown_with_its_values(tmp_path: Path) -> None:
    value = {
        "name": "welcome",
        "language": {"code": "de"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "Zoe"}]}],
    }
    async with chat_network(tmp_path) as network:
        network.templates["1", "welcome", "de"] = welcome("de")
        assert (await network.post(WHATSAPP, message("template", value))).status == 200
        assert network.shown(PERSON) == [("Hello Zoe", "")]
        # The number of account 2 has not the templates of account 1.
        other = await network.post(WHATSAPP, message("template", value), path="/100002/messages")
        assert (other.status, other.json["error"]["code"]) == (404, 132001)


async def test_a_typing_indicator_is_no_message(tmp_path: Path) -> None:
    body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.1",
        "typing_indicator": {"type": "text"},
    }
    async with chat_network(tmp_path) as network:
        answer = await network.post(WHATSAPP, body)
        assert (answer.status, answer.json) == (200, {"success": True})
        assert network.phones.next_due() is None


def envelope(sender: str, number_id: str, **value: object) -> dict[str, Any]:
    metadata = {"display_phone_number": sender, "phone_number_id": number_id}
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    entry = {"id": "waba", "changes": [{"field": "messages", "value": whole}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


@pytest.mark.parametrize(("number_id", "sender"), [("100001", "15550100001"), ("100002", "15550100002")])
async def test_statuses_in_their_wire_form(number_id: str, sender: str, tmp_path: Path) -> None:
    body = WHATSAPP.text(PERSON, reference="2027-0-1")
    async with chat_network(tmp_path) as network:
        accepted = await network.post(WHATSAPP, body, path=f"/{number_id}/messages")
        await network.play_out()
        assert [webhook.json for webhook in network.recorder.accepted] == [
            envelope(
                sender,
                number_id,
                statuses=[
                    {
                        "id": WHATSAPP.message_id(accepted.json),
                        "status": status,
                        # Text, and in seconds.
                        "timestamp": str(START // 1000 + after),
                        "recipient_id": PERSON,
                        "biz_opaque_callback_data": "2027-0-1",
                    }
                ],
            )
            for status, after in (("delivered", 1), ("read", 2))
        ]


async def test_a_persons_answer_in_its_wire_form(tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        accepted = await network.post(WHATSAPP, WHATSAPP.text(WHATSAPP.person + "0010"))
        await network.play_out()
        answer = network.recorder.accepted[-1].json
        [reply_body] = answer["entry"][0]["changes"][0]["value"]["messages"]
        assert reply_body["id"].startswith("wamid.")
        assert reply_body["id"] != WHATSAPP.message_id(accepted.json)
        expected = {
            "from": WHATSAPP.person + "0010",
            "id": reply_body["id"],
            "timestamp": str(START // 1000 + 2),
            "type": "text",
            "text": {"body": "STOP"},
            "context": {"from": "15550100001", "id": WHATSAPP.message_id(accepted.json)},
        }
        assert answer == envelope("15550100001", "100001", messages=[expected])


async def test_every_webhook_is_signed_over_its_bytes(tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        await network.post(WHATSAPP, WHATSAPP.text(PERSON, "héllo 你好"))
        await network.play_out()
        assert len(network.recorder.accepted) == 2
        for webhook in network.recorder.accepted:
            digest = hmac.new(b"sandbox-app-secret", webhook.body, hashlib.sha256).hexdigest()
            assert webhook.headers["x-hub-signature-256"] == f"sha256={digest}"
