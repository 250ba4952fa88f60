"""The context manager, for unittest and scripts, and what is kept stable."""

import inspect
from pathlib import Path

import pytest
from alibabacloud_cams20200606 import models

import waypost.testing
from tests.cli.configs import write_config
from tests.processes import start_sandbox
from tests.sdk.callers import FREE
from waypost.testing import Sandbox, sandbox

PHONE = "4915112345678"

PUBLIC = {
    "Call": "access_key_id account_id at cause code message message_id operation parameters request_id "
    "unknown",
    "Callback": "account_id at body error id kind message_id state tries url",
    "Disruption": "id seed",
    "Message": "accepted_at account_id channel message_id message_type sender state to",
    "Phone": "block code messages read reply tap texts unblock",
    "PhoneMessage": "at buttons channel leg media message_id sender state text",
    "Provider": "busy delay_receipts double_receipts down drop error lose_answer lose_receipts recover"
    " reverse_receipts slow",
    "Sandbox": "advance advance_to_next answer_callbacks callbacks calls choose_next client client_of close"
    " dump expect_message fail_next fail_some fork load messages now phone provider recover refused"
    " reset settle statuses trace",
    "SandboxProcess": "log stop",
    "SandboxThread": "stop",
    "sandbox": "",
}


def test_the_public_names_are_these() -> None:
    assert sorted(waypost.testing.__all__) == sorted(PUBLIC)
    for name, members in PUBLIC.items():
        public = [member for member in dir(getattr(waypost.testing, name)) if not member.startswith("_")]
        assert " ".join(public) == members, name
        assert inspect.getdoc(getattr(waypost.testing, name)), name


def send(of: Sandbox) -> None:
    of.client.send_chatapp_message(models.SendChatappMessageRequest(**FREE, to=PHONE))


def test_with_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYPOST_SANDBOX_URL", raising=False)
    with sandbox() as made:
        send(made)
        assert made.phone(PHONE).texts == ["hello"]
        assert [message.to for message in made.messages] == [PHONE]


def test_with_ones_own_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYPOST_SANDBOX_URL", raising=False)
    with sandbox(seed=write_config(tmp_path)) as made:
        send(made)
        assert [(message.account_id, message.sender) for message in made.messages] == [("acme", "20001")]


async def async_use(url: str) -> list[str]:
    async with sandbox(url) as made:
        send(made)
        return made.phone(PHONE).texts


def test_on_a_sandbox_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    with start_sandbox() as shared:
        monkeypatch.setenv("WAYPOST_SANDBOX_URL", f"{shared.address}/")
        with sandbox() as one, sandbox(shared.address) as two:
            send(one)
            assert one.phone(PHONE).texts == ["hello"]
            assert two.phone(PHONE).texts == []
            assert two.advance_to_next() is False
            before = one.now
            while one.advance_to_next():
                pass
            assert [message.state for message in one.messages] == ["read"]
            assert 1000 <= one.now - before < 60_000
            with pytest.raises(ValueError, match="none of /errors"):
                one.fail_next("NoSuch.Code!")
            with pytest.raises(ValueError, match="count must be"):
                one.fail_next("System.LimitControl", count=0)
            with pytest.raises(ValueError, match="seconds must be"):
                one.advance(-1)
            with pytest.raises(AssertionError, match="no message on"):
                print(two.phone(PHONE).code)
            with pytest.raises(AssertionError, match="nobody has written"):
                two.phone(PHONE).reply("hi")
            with pytest.raises(AssertionError, match="0 messages to"):
                two.expect_message(PHONE)
            seed = two.fail_some("throttle", share=0.5).seed
            assert f"disruption of calls: throttle  share 0.5  seed {seed}  0 hits" in two.trace()
        assert asyncio.run(async_use(shared.address)) == ["hello"]
