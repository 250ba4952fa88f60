"""`ClientToken` makes a call idempotent: a repeat gets the first answer and sends nothing."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.processes import start_sandbox
from tests.sdk.callers import FREE_BY_NAME, Phones, Sandbox
from tests.sdk.operations import own, own_refused

MISMATCH = "IdempotentParameterMismatch"


def token(phones: Phones) -> str:
    return f"order-{phones.new()}"


def sent(sandbox: Sandbox, **parameters: Any) -> str:
    return str(own(sandbox, "SendChatappMessage", **FREE_BY_NAME | parameters)["MessageId"])


def test_the_same_call_again_has_the_first_answer(sandbox: Sandbox, phones: Phones) -> None:
    call = {"To": phones.new(), "ClientToken": token(phones)}
    message_id = sent(sandbox, **call)
    assert [sent(sandbox, **call) for _ in range(3)] == [message_id] * 3
    sandbox.advance(5)
    assert len(sandbox.shown(call["To"])) == 1


def test_another_call_with_the_token_is_refused(sandbox: Sandbox, phones: Phones) -> None:
    call = {"To": phones.new(), "ClientToken": token(phones)}
    sent(sandbox, **call)
    for change in ({"To": phones.new()}, {"Content": '{"text":"other"}'}, {"Ttl": 60}):
        refusal = own_refused(sandbox, "SendChatappMessage", **FREE_BY_NAME | call | change)
        assert (refusal.status, refusal.code) == (400, MISMATCH)
        assert "ClientToken" in refusal.message


def test_a_token_is_one_accounts_and_one_operations(sandbox: Sandbox, phones: Phones) -> None:
    call = {"To": phones.new(), "ClientToken": token(phones)}
    assert sent(sandbox, **call) != sent(sandbox, key="neighbour", From="30001", **call)
    mass: dict[str, Any] = {
        "ChannelType": "viber",
        "From": "20001",
        "Label": "transaction",
        "TemplateCode": "sandbox_welcome",
        "Language": "en",
        "SenderList": [
            {"To": phones.new(), "TemplateParams": {"name": "Zoe", "code": "1"}} for _ in range(3)
        ],
        "ClientToken": call["ClientToken"],
    }
    groups = {own(sandbox, "SendChatappMassMessage", **mass)["GroupMessageId"] for _ in range(3)}
    assert len(groups) == 1


def test_a_token_is_known_for_24_hours(sandbox: Sandbox, phones: Phones) -> None:
    call = {"To": phones.new(), "ClientToken": token(phones)}
    first = sent(sandbox, **call)
    sandbox.advance(24 * 3600 - 60)
    assert sent(sandbox, **call) == first
    sandbox.advance(120)
    second = sent(sandbox, **call)
    assert second != first
    assert sent(sandbox, **call) == second


def test_a_refused_call_uses_no_token_up(sandbox: Sandbox, phones: Phones) -> None:
    call = {"To": phones.new(), "ClientToken": token(phones)}
    assert own_refused(sandbox, "SendChatappMessage", **FREE_BY_NAME | call | {"Ttl": 1}).code == "InvalidTtl"
    assert sent(sandbox, **call)


@pytest.mark.parametrize("wrong", ["x" * 65, "zwei\nlinien", "ключ"])
def test_what_is_no_token(sandbox: Sandbox, phones: Phones, wrong: str) -> None:
    call = FREE_BY_NAME | {"To": phones.new(), "ClientToken": wrong}
    assert own_refused(sandbox, "SendChatappMessage", **call).code == "InvalidClientToken"


def test_calls_at_the_same_moment_send_one_message(sandbox: Sandbox, phones: Phones) -> None:
    call = {"To": phones.new(), "ClientToken": token(phones)}
    with ThreadPoolExecutor(16) as callers:
        answers = {answer.result() for answer in [callers.submit(sent, sandbox, **call) for _ in range(64)]}
    assert len(answers) == 1
    sandbox.advance(5)
    assert len(sandbox.shown(call["To"])) == 1


def test_a_token_outlives_a_kill(tmp_path: Path, phones: Phones) -> None:
    call = {"To": phones.new(), "ClientToken": token(phones)}
    with start_sandbox(tmp_path) as process:
        first = sent(Sandbox(process), **call)
        process.kill()
    with start_sandbox(tmp_path) as process:
        assert sent(Sandbox(process), **call) == first
