"""Codes and ids of what calls make can be chosen."""

from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_cams20200606 import models

from tests.processes import Running, start_sandbox
from tests.sdk.callers import FREE
from tests.sdk.callers import Sandbox as Caller
from tests.sdk.operations import call, own
from waypost.testing import sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def process(running: Running) -> Running:
    running.post("/sandbox/reset")
    return running


def make_template(caller: Caller, name: str) -> str:
    body = [models.CreateChatappTemplateRequestComponents(type="BODY", text="Hello")]
    params: dict[str, Any] = {
        "template_type": "VIBER",
        "category": "MARKETING",
        "language": "en",
        "components": body,
    }
    return str(call(caller, "create_chatapp_template", name=name, **params)["Data"]["TemplateCode"])


def choose(process: Running, kind: str, *ids: str) -> Any:
    return process.post("/sandbox/ids", {"kind": kind, "next": list(ids)})


def test_a_template_has_the_code_that_was_chosen_and_can_be_sent(process: Running) -> None:
    caller = Caller(process)
    choose(process, "template", "welcome_1", "welcome_2")
    assert [make_template(caller, name) for name in ("one", "two")] == ["welcome_1", "welcome_2"]
    assert len(make_template(caller, "three")) == 19
    caller.advance(2)
    sent = {**FREE, "type": "template", "template_code": "welcome_1", "language": "en"}
    del sent["message_type"], sent["content"]
    message_id = caller.send(**sent, to="4915112345678")
    caller.advance(5)
    assert [body["Status"] for body in caller.callbacks(message_id)] == ["Sent", "Delivered", "Read"]


def test_policies_rules_and_spaces_have_the_ids_that_were_chosen(process: Running) -> None:
    caller = Caller(process)
    choose(process, "fallback_policy", "S_mine")
    choose(process, "fallback_rule", "R_mine")
    choose(process, "space", "cams-mine")
    sms = {"ChannelType": "sms", "SenderId": "Waypost"}
    assert own(caller, "CreateFallbackPolicy", PolicyName="p", Steps=[sms])["Data"]["FallBackId"] == "S_mine"
    assert own(caller, "CreateFallbackRule", RuleName="r", **sms)["Data"]["RuleId"] == "R_mine"
    made = call(caller, "create_instance", channel_type="VIBER", instance_name="shop")["Data"]
    assert made["InstanceId"] == "cams-mine"
    assert process.get("/sandbox/ids") == {"ids": {}}


def test_an_id_that_is_taken_is_passed_over(process: Running) -> None:
    caller = Caller(process)
    choose(process, "template", "mine", "mine")
    assert make_template(caller, "one") == "mine"
    assert make_template(caller, "two") != "mine"


def test_what_cannot_be_chosen_is_refused_and_choices_are_a_part_of_the_state(process: Running) -> None:
    assert "kind is one of: template" in choose(process, "message", "2026")["error"]
    assert "1 to 64 letters" in choose(process, "template", "a b")["error"]
    with sandbox(process.address) as made:
        made.choose_next(template_code="mine", space_id="cams-mine")
        with pytest.raises(ValueError, match="1 to 64 letters"):
            made.choose_next(rule_id="!")
        made.load(made.dump())
        assert made._control.get("/sandbox/ids") == {"ids": {"template": ["mine"], "space": ["cams-mine"]}}
        assert made._control.delete("/sandbox/ids") == {"ids": {}}
