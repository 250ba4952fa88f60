"""The simulated Bot API of Telegram in its wire form: what it takes, refuses and reports.

Source: Telegram, "Bot API" (making requests, sending messages, getting updates).
"""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.chat_network import CHANNELS, chat_network
from tests.sandbox.sandbox_network import START

TELEGRAM = CHANNELS["telegram"]
PERSON = TELEGRAM.person + "7777"
LINK = "https://a.example/f"

SHOWN: dict[str, tuple[str, dict[str, Any], tuple[str, str]]] = {
    "text": ("sendMessage", {"text": "hi", "parse_mode": "HTML"}, ("hi", "")),
    "methods have no case": ("SENDMESSAGE", {"text": "hi"}, ("hi", "")),
    "photo": ("sendPhoto", {"photo": LINK, "caption": "a cat"}, ("a cat", LINK)),
    "video": ("sendVideo", {"video": LINK}, ("", LINK)),
    "document": ("sendDocument", {"document": LINK, "caption": "bill"}, ("bill", LINK)),
    "audio": ("sendAudio", {"audio": LINK}, ("", LINK)),
    "voice": ("sendVoice", {"voice": LINK}, ("", LINK)),
    "animation": ("sendAnimation", {"animation": LINK}, ("", LINK)),
    "sticker": ("sendSticker", {"sticker": "CAACAg"}, ("", "CAACAg")),
    "location": ("sendLocation", {"latitude": 50.4, "longitude": 30.5}, ("(50.4, 30.5)", "")),
    "poll": ("sendPoll", {"question": "Well?", "options": []}, ("Well?", "")),
}


@pytest.mark.parametrize(("method", "content", "shown"), SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("chat_id", [PERSON, int(PERSON)], ids=["text", "number"])
async def test_a_phone_shows(
    method: str, content: dict[str, Any], shown: tuple[str, str], chat_id: str | int, tmp_path: Path
) -> None:
    async with chat_network(tmp_path) as network:
        path = f"/bot{TELEGRAM.token}/{method}"
        accepted = await network.post(TELEGRAM, {"chat_id": chat_id, **content}, path=path)
        assert accepted.status == 200
        number = accepted.json["result"]["message_id"]
        assert accepted.json == {"ok": True, "result": {"message_id": number}}
        assert 0 < number <= 1 << 31
        assert network.shown(PERSON) == [shown]


REFUSED: dict[str, tuple[str, object, int, str]] = {
    "no JSON": ("sendMessage", b"{", 400, "Bad Request: chat_id is empty"),
    "no UTF-8": ("sendMessage", b'{"chat_id":"\xff"}', 400, "Bad Request: chat_id is empty"),
    "a list": ("sendMessage", [], 400, "Bad Request: chat_id is empty"),
    "a number": ("sendMessage", 5, 400, "Bad Request: chat_id is empty"),
    "no chat": ("sendMessage", {"text": "hi"}, 400, "Bad Request: chat_id is empty"),
    "no text": ("sendMessage", {"chat_id": PERSON}, 400, "Bad Request: message text is empty"),
    "an empty text": (
        "sendMessage",
        {"chat_id": PERSON, "text": ""},
        400,
        "Bad Request: message text is empty",
    ),
    "half a location": (
        "sendLocation",
        {"chat_id": PERSON, "latitude": 1},
        400,
        "Bad Request: message text is empty",
    ),
    "another method": ("deleteMessage", {"chat_id": PERSON, "text": "hi"}, 404, "Not Found"),
}


@pytest.mark.parametrize(("method", "body", "code", "description"), REFUSED.values(), ids=REFUSED)
async def test_a_bad_request_is_refused(
    method: str, body: object, code: int, description: str, tmp_path: Path
) -> None:
    async with chat_network(tmp_path) as network:
        refusal_answer = await network.post(TELEGRAM, body, path=f"/bot{TELEGRAM.token}/{method}")
        assert refusal_answer.status == code
        assert refusal_answer.json == {"ok": False, "error_code": code, "description": description}
        assert network.phones.next_due() is None


@pytest.mark.parametrize(
    ("digits", "code", "description", "parameters"),
    [
        ("0001", 400, "Bad Request: chat not found", None),
        ("0006", 429, "Too Many Requests: retry after 1", {"retry_after": 1}),
        ("0009", 403, "Forbidden: bot was blocked by the user", None),
    ],
)
async def test_a_refusal_in_its_wire_form(
    digits: str, code: int, description: str, parameters: dict[str, int] | None, tmp_path: Path
) -> None:
    async with chat_network(tmp_path) as network:
        refusal_answer = await network.post(TELEGRAM, TELEGRAM.text(TELEGRAM.person + digits))
        expected: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        assert (refusal_answer.status, refusal_answer.json) == (
            code,
            expected | ({"parameters": parameters} if parameters else {}),
        )


@pytest.mark.parametrize("token", ["sandbox-token", "guess", "sandbox-token-11"])
async def test_a_bot_that_nobody_has_is_refused(token: str, tmp_path: Path) -> None:
    async with chat_network(tmp_path) as network:
        refusal_answer = await network.post(TELEGRAM, TELEGRAM.text(PERSON), path=f"/bot{token}/sendMessage")
        assert refusal_answer.status == 401
        assert refusal_answer.json == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_update_with_a_persons_answer(tmp_path: Path) -> None:
    person = TELEGRAM.person + "0010"
    async with chat_network(tmp_path) as network:
        await network.post(TELEGRAM, TELEGRAM.text(person))
        await network.play_out()
        [webhook] = network.recorder.accepted
        update = webhook.json
        assert webhook.headers["x-telegram-bot-api-secret-token"] == "sandbox-token"
        assert webhook.path == "/receipts/sandbox-telegram-1/sandbox"
        assert update == {
            "update_id": update["update_id"],
            "message": {
                "message_id": update["message"]["message_id"],
                "from": {"id": int(person), "is_bot": False, "first_name": "Zoe"},
                "chat": {"id": int(person), "type": "private"},
                "date": START // 1000 + 2,
                "text": "STOP",
            },
        }


async def test_each_account_has_a_bot_of_its_own(tmp_path: Path) -> None:
    person = TELEGRAM.person + "0010"
    async with chat_network(tmp_path) as network:
        body = TELEGRAM.text(person)
        accepted = await network.post(TELEGRAM, body, path="/botsandbox-token-2/sendMessage")
        assert accepted.status == 200
        [on_phone] = network.phones.phone(person)
        assert on_phone.from_ == "30002"
        await network.play_out()
        [webhook] = network.recorder.accepted
        assert webhook.path == "/receipts/sandbox-telegram-2/sandbox"
