"""Answers of providers in loose types, in other encodings, and pages of what stands between: each is
classified by what is certain."""

import asyncio
import codecs
import json
from typing import Any

import pytest

from tests.connectors.test_foreign_bytes import SUBMISSION, CannedClient, connected
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown
from waypost.outbound.reply import Reply

F = SendFailure
PAGE = b"<html><head><title>Oops</title></head><body>the receiver is busy, token=abc</body></html>"


def answered(kind: str, status: int, body: bytes, content_type: str = "") -> Outcome:
    client = CannedClient()
    headers = [(b"Content-Type", content_type.encode())] if content_type else []
    client.reply = Reply(status, headers, body)
    return asyncio.run(connected(kind, client).send(SUBMISSION))


def failure_of(outcome: Outcome) -> SendFailure | type[Outcome]:
    return outcome.failure if isinstance(outcome, Refused) else type(outcome)


def meta(code: Any, **more: Any) -> dict[str, Any]:
    return {"error": {"message": None, "type": "OAuthException", "code": code, "error_data": "text", **more}}


LOOSE: list[tuple[str, int, Any, SendFailure, str]] = [
    ("whatsapp", 400, meta("131026"), F.NOT_ON_CHANNEL, "131026"),
    ("whatsapp", 400, meta(131026.0), F.NOT_ON_CHANNEL, "131026"),
    ("whatsapp", 400, meta(" 130429 "), F.RATE_LIMITED, "130429"),
    ("whatsapp", 400, meta(130429, error_data={"details": 5}, error_subcode="x"), F.RATE_LIMITED, "130429"),
    ("whatsapp", 400, meta(130429, message={"text": "x"}), F.RATE_LIMITED, "130429"),
    ("whatsapp", 429, {"error": "too many"}, F.RATE_LIMITED, ""),
    ("whatsapp", 401, {"error": {"message": "no code"}}, F.NOT_CONFIGURED, ""),
    ("whatsapp", 400, {"error": {"message": "no code", "code": None}}, F.BAD_REQUEST, ""),
    ("messenger", 400, meta("10", error_subcode="2018278"), F.WAITING_FOR_USER, "10"),
    ("messenger", 400, meta("613"), F.RATE_LIMITED, "613"),
    ("instagram", 400, meta("100", error_subcode=2018001), F.NOT_ON_CHANNEL, "100"),
    ("viber", 200, {"status": "9"}, F.NOT_ON_CHANNEL, "SRVC_NOT_VIBER_USER"),
    ("viber", 200, {"status": "SRVC_NOT_VIBER_USER"}, F.NOT_ON_CHANNEL, "SRVC_NOT_VIBER_USER"),
    ("viber", 200, {"status": "1", "message_token": None}, F.BUSY, "SRVC_INTERNAL_FAILURE"),
    (
        "telegram",
        429,
        {"ok": "false", "error_code": "429", "description": None, "parameters": {"retry_after": "30"}},
        F.RATE_LIMITED,
        "429",
    ),
    (
        "telegram",
        403,
        {"ok": False, "description": "Forbidden: bot was blocked by the user"},
        F.OPTED_OUT,
        "403",
    ),
    ("telegram", 400, {"ok": 0, "error_code": 400, "description": ["x"]}, F.BAD_REQUEST, "400"),
    ("line", 429, {"message": None, "details": "x"}, F.RATE_LIMITED, "429"),
    ("line", 400, {"message": 5}, F.BAD_REQUEST, "400"),
]


@pytest.mark.parametrize(("kind", "status", "body", "failure", "code"), LOOSE)
def test_an_error_in_loose_types(kind: str, status: int, body: Any, failure: SendFailure, code: str) -> None:
    outcome = answered(kind, status, json.dumps(body).encode())
    assert isinstance(outcome, Refused)
    assert (outcome.failure, outcome.code) == (failure, code)


def test_a_delay_in_text_is_waited_for() -> None:
    body = {"ok": False, "error_code": "429", "parameters": {"retry_after": "30"}}
    outcome = answered("telegram", 429, json.dumps(body).encode())
    assert isinstance(outcome, Refused)
    assert outcome.retry_after == 30_000


TAKEN: list[tuple[str, Any, str]] = [
    ("whatsapp", {"messages": [{"id": "wamid.1"}], "success": None}, "wamid.1"),
    ("whatsapp", {"messages": [{"id": 17}], "contacts": "x"}, "17"),
    ("messenger", {"message_id": 5, "recipient_id": None}, "380500000001:5"),
    ("viber", {"status": "0", "message_token": 5.0}, "5"),
    ("telegram", {"ok": "true", "result": {"message_id": "7"}}, "380500000001:7"),
    ("telegram", {"ok": True, "result": [{"message_id": 7}], "description": None}, "380500000001:7"),
    ("line", {"sentMessages": [{"id": 461230966842064897}], "message": None}, "461230966842064897"),
]


@pytest.mark.parametrize(("kind", "body", "id_"), TAKEN)
def test_an_acceptance_in_loose_types(kind: str, body: Any, id_: str) -> None:
    outcome = answered(kind, 200, json.dumps(body).encode())
    assert isinstance(outcome, Accepted)
    assert outcome.provider_id == id_


@pytest.mark.parametrize(
    "kind", ["viber", "kannel", "whatsapp", "messenger", "instagram", "telegram", "line"]
)
@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (429, F.RATE_LIMITED),
        (503, F.BUSY),
        (401, F.NOT_CONFIGURED),
        (500, Unknown),
        (502, Unknown),
        (504, Unknown),
    ],
)
@pytest.mark.parametrize("body", [PAGE, b"", b"null", b"[]", b"{}", b'"busy"', b"\xff\xfe\x00"])
def test_a_clear_status_counts_whatever_the_body_is(
    kind: str, status: int, failure: SendFailure | type[Outcome], body: bytes
) -> None:
    assert failure_of(answered(kind, status, body)) is failure


ENCODED = {
    "a byte-order mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16 with a mark": lambda text: text.encode("utf-16"),
    "UTF-16 LE": lambda text: text.encode("utf-16-le"),
    "UTF-16 BE": lambda text: text.encode("utf-16-be"),
    "UTF-32 with a mark": lambda text: text.encode("utf-32"),
    "UTF-32 BE": lambda text: text.encode("utf-32-be"),
    "UTF-32 LE": lambda text: text.encode("utf-32-le"),
}


@pytest.mark.parametrize("encode", ENCODED.values(), ids=ENCODED)
def test_an_answer_in_an_evident_encoding(encode: Any) -> None:
    error = json.dumps({"error": {"message": "Grüße", "code": 131026}}, ensure_ascii=False)
    outcome = answered("whatsapp", 400, encode(error))
    assert outcome == Refused(F.NOT_ON_CHANNEL, "131026", "Grüße")
    assert answered("whatsapp", 200, encode('{"messages":[{"id":"wamid.1"}]}')) == Accepted("wamid.1")


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", '"latin1"', "ISO_8859-1"])
def test_an_answer_in_a_declared_encoding(declared: str) -> None:
    body = '{"error":{"message":"Grüße","code":131026}}'.encode("latin-1")
    outcome = answered("whatsapp", 400, body, f"application/json; charset={declared}")
    assert outcome == Refused(F.NOT_ON_CHANNEL, "131026", "Grüße")


@pytest.mark.parametrize("declared", ["hex", "idna", "rot13", "unicode_escape", "undefined", "x" * 500, "\0"])
def test_a_declared_encoding_that_is_none_of_text_is_not_used(declared: str) -> None:
    body = b'{"error":{"message":"Gr\xfc","code":131026}}'
    outcome = answered("whatsapp", 400, body, f"application/json; charset={declared}")
    assert outcome == Refused(F.NOT_ON_CHANNEL, "131026", "Gr\ufffd")


def test_secrets_are_found_in_any_encoding() -> None:
    outcome = answered("whatsapp", 500, "no such token: t0k3n/with+signs".encode("utf-16"))
    assert isinstance(outcome, Unknown)
    assert "t0k3n" not in outcome.text
    assert "no such token" in outcome.text
