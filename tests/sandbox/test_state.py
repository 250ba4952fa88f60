"""The state of a sandbox is a value: dumped, loaded, forked, and gone on from, by another process too."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cams20200606 import models

from tests.cli.configs import write_config
from tests.processes import WAYPOST, environment_of, fetch, start, start_sandbox
from tests.sdk.callers import FREE, Phones, core_call
from tests.sdk.callers import Sandbox as Caller
from tests.sdk.channels import LINE, WHATSAPP
from tests.sdk.operations import call, own
from waypost.sandbox.sandbox_state import read_state
from waypost.testing import Sandbox, sandbox

PHONE = "4915112345678"
SILENT = "4915112340002"
SANDBOX = ("sandbox", "--port", "0", "--limit", "0")


def send(made: Sandbox, to: str = PHONE, **more: Any) -> str:
    request = models.SendChatappMessageRequest(**FREE | more, to=to)
    return str(made.client.send_chatapp_message(request).body.message_id)


def seen(made: Sandbox) -> dict[str, Any]:
    """What can be looked at."""
    paths = ("messages", "calls", "phones", "callbacks", "disruptions")
    return {path: made._control.look(f"/sandbox/{path}") for path in paths}


def test_a_loaded_sandbox_is_what_was_dumped(made: Sandbox) -> None:
    send(made)
    made.advance(hours=5)
    send(made, SILENT)
    made.provider("viber").busy(share=0.5, seed=3)
    state, before = made.dump(), seen(made)
    send(made)
    made.advance(hours=5)
    made.recover()
    made.load(state)
    assert seen(made) == before
    assert 0 <= made.now - read_state(state).now < 60_000


def test_a_timer_that_waited_fires_in_the_sandbox_that_goes_on(made: Sandbox, url: str) -> None:
    message_id = send(made, SILENT, ttl=86_400, fall_back_id="S_000001", fall_back_duration=43_200)
    made.advance(hours=11)
    state = made.dump()
    with sandbox(url) as other:
        other.load(state)
        assert [message.channel for message in other.phone(SILENT).messages] == ["viber"]
        other.advance(hours=1)
        other.advance(5)
        assert [message.channel for message in other.phone(SILENT).messages] == ["viber", "sms"]
        assert other.statuses(message_id)[-1] == "Delivered"
    assert [message.channel for message in made.phone(SILENT).messages] == ["viber"]


def test_receipts_that_were_on_their_way_come_to_the_sandbox_that_goes_on(made: Sandbox, url: str) -> None:
    person = LINE.person(Phones())
    send(made, "4915112340004", ttl=86_400)
    whatsapp = send(made, "4915112345679", **WHATSAPP.parameters(label=None))
    send(made, person, **LINE.parameters(label=None))
    state = made.dump()
    with sandbox(url) as other:
        other.load(state)
        other.advance(seconds=400)
        assert other.statuses(whatsapp)[-1] == "Read"
        assert other.expect_message("4915112340004").state == "delivered"
        other.phone(person).reply("hello")
        assert [each.body["Message"] for each in other.callbacks if each.kind == "ChatAppInbound"] == [
            "hello"
        ]


def test_a_fork_goes_its_own_way(made: Sandbox) -> None:
    send(made)
    fork = made.fork("a-fork")
    try:
        assert fork.access_key_id == "a-fork@sandbox"
        assert [message.to for message in fork.messages] == [PHONE]
        send(fork, SILENT)
        assert (len(fork.messages), len(made.messages)) == (2, 1)
        with pytest.raises(ValueError, match="there is a sandbox a-fork already"):
            made.fork("a-fork")
        with pytest.raises(ValueError, match="is no name"):
            made.fork("not/a/name")
    finally:
        fork.close()


def test_a_file_is_opened_by_another_process(made: Sandbox, tmp_path: Path) -> None:
    message_id = send(made, SILENT, ttl=86_400, fall_back_id="S_000001", fall_back_duration=43_200)
    made.advance(hours=3)
    path = tmp_path / "state.json"
    path.write_bytes(made.dump())
    now = read_state(path.read_bytes()).now
    with start([*SANDBOX, "--state", str(path)]) as process:
        assert 0 <= process.get("/sandbox/clock")["now"] - now < 60_000
        assert process.get("/sandbox/messages")["messages"][0]["message_id"] == message_id
        process.advance(43_200)
        assert [each["channel"] for each in process.get(f"/sandbox/phones/{SILENT}")["messages"]] == [
            "viber",
            "sms",
        ]


def test_a_state_has_the_seed_that_it_began_with(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with start([*SANDBOX, "--seed", str(write_config(tmp_path))]) as process, sandbox(process.address) as own:
        send(own)
        path.write_bytes(own.dump())
    with start([*SANDBOX, "--state", str(path)]) as process:
        assert process.get("/sandbox/messages")["messages"][0]["account_id"] == "acme"
        process.post("/sandbox/reset")
        assert process.get("/sandbox/messages")["messages"] == []
        with sandbox(process.address) as of_the_process:
            # A name that is new begins as the process does.
            send(of_the_process)
            assert [message.account_id for message in of_the_process.messages] == ["1"]


SMS_STEP = {"ChannelType": "sms", "SenderId": "Waypost"}


def make_by_calls(caller: Caller) -> None:
    """Makes one of each kind of thing that an account can have."""
    call(
        caller,
        "create_chatapp_template",
        name="by_call",
        template_type="VIBER",
        category="MARKETING",
        language="en",
        components=[models.CreateChatappTemplateRequestComponents(type="BODY", text="Hello")],
    )
    call(caller, "create_instance", channel_type="VIBER", instance_name="by call")
    call(
        caller,
        "update_account_webhook",
        cust_space_id="cams-sandbox",
        status_callback_url="https://customer.example/",
        queue_flag="Y",
    )
    own(caller, "CreateFallbackPolicy", PolicyName="by call", Steps=[SMS_STEP])
    own(caller, "CreateSuppression", To=PHONE)
    ram_call(caller, "CreateUser", UserName="by-call")
    ram_call(caller, "CreatePolicy", PolicyName="by-call", PolicyDocument=json.dumps(POLICY))
    caller.send(**FREE | {"label": "transaction"}, to=SILENT)
    caller.advance(0)


POLICY = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "cams:*", "Resource": "*"}]}


def ram_call(caller: Caller, action: str, **params: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(core_call(caller, params, action=action, product=RAM))
    return answer


RAM = ("ram", "2015-05-01")


def things(caller: Caller) -> dict[str, Any]:
    """All that an account has, by its lists."""
    listed: dict[str, Any] = {
        "templates": call(caller, "list_chatapp_template")["ListTemplate"],
        "spaces": call(caller, "list_instance", page_size=100)["Data"],
        "policies": own(caller, "ListFallbackPolicies", PageSize=100)["Data"],
        "suppressions": own(caller, "ListSuppressions")["Data"],
        "users": ram_call(caller, "ListUsers")["Users"],
        "access": ram_call(caller, "ListPolicies", PolicyType="Custom")["Policies"],
        "callbacks": caller.process.get("/sandbox/callbacks")["callbacks"],
        "messages": caller.process.get("/sandbox/messages")["messages"],
    }
    return listed


def without_times(value: Any) -> Any:
    """The same without when each thing was declared, which is when the sandbox began."""
    if isinstance(value, list):
        return [without_times(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if not name.endswith(("Time", "Date"))}
    return {name: without_times(each) for name, each in kept.items()}


def test_what_calls_made_is_kept_by_a_load_and_gone_after_a_reset() -> None:
    with start_sandbox() as process:
        caller = Caller(process)
        at_first = things(caller)
        make_by_calls(caller)
        made_by_calls, state = things(caller), process.get("/sandbox/state")
        same = [name for name, listed in made_by_calls.items() if listed == at_first[name]]
        assert same == []
        process.post("/sandbox/reset")
        assert without_times(things(caller)) == without_times(at_first)
        assert process.post("/sandbox/state", state) == {"ok": True}
        assert things(caller) == made_by_calls


def test_a_call_that_was_answered_just_before_is_in_the_state() -> None:
    with start_sandbox() as process:
        caller = Caller(process)
        refused = caller.refused(**FREE, to="12")
        state = process.get("/sandbox/state")
        process.post("/sandbox/reset")
        assert own(caller, "ListCalls", Code=refused.code)["Data"] == []
        process.post("/sandbox/state", state)
        assert len(own(caller, "ListCalls", Code=refused.code)["Data"]) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda state: b"[]", "this is no state of a sandbox"),
        (lambda state: b"\xff", "this is no state of a sandbox"),
        (lambda state: b'{"format": "other"}', "its format is not waypost-sandbox-state"),
        (lambda state: json.dumps(state | {"schema": "0001"}).encode(), "the state has the schema '0001'"),
        (lambda state: json.dumps(state | {"more": 1}).encode(), "unknown field `more`"),
        (lambda state: json.dumps(state | {"database": "AAAA"}).encode(), "a part of it cannot be unfolded"),
        (
            lambda state: json.dumps(state | {"database": state["calls"]}).encode(),
            "a database in it cannot be read",
        ),
        (
            lambda state: json.dumps(state | {"database": state["phones"]}).encode(),
            "is not of the schema that it names",
        ),
        (lambda state: json.dumps(state | {"now": -1}).encode(), "its clock is not within"),
        (lambda state: json.dumps(state | {"key": "abc"}).encode(), "its key is none"),
        (
            lambda state: json.dumps(
                state | {"disruptions": {"calls": [{"kind": "refuse", "code": "no"}]}}
            ).encode(),
            "of its disruptions, code 'no' is none of /errors",
        ),
        (lambda state: json.dumps(state)[:-20].encode(), "this is no state of a sandbox"),
    ],
)
def test_a_wrong_state_is_refused_and_changes_nothing(made: Sandbox, change: Any, sentence: str) -> None:
    send(made)
    state, before = json.loads(made.dump()), seen(made)
    with pytest.raises(ValueError, match=sentence):
        made.load(change(state))
    assert seen(made) == before


def test_wrong_options_are_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}", encoding="utf-8")
    for options, sentence in (
        (["--state", str(wrong)], "this is no state of a sandbox"),
        (["--state", str(wrong), "--seed", str(wrong)], "cannot be there both"),
        (["--state", str(tmp_path / "none.json")], "No such file"),
    ):
        refused = subprocess.run(
            [*WAYPOST, "sandbox", "--port", "0", *options],
            capture_output=True,
            text=True,
            env=environment_of(None),
            timeout=60,
        )
        assert refused.returncode == 2
        assert sentence in " ".join(refused.stderr.split())


def test_the_common_sandbox_can_be_dumped_and_loaded(url: str) -> None:
    state = fetch(f"{url}/sandbox/state")
    assert read_state(json.dumps(state).encode()).seed is None
    assert state["about"].keys() == {"calls", "phones", "next_due"}
    assert fetch(f"{url}/sandbox/state", state) == {"ok": True}
