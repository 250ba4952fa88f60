"""Fallback rules and policies made by API calls, and the chain of channels that messages then follow."""

from typing import Any

import pytest

from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.channels import WHATSAPP
from tests.sdk.operations import assert_alike, own, own_refused

SMS = {"ChannelType": "sms", "SenderId": "Waypost"}
VIBER = {"ChannelType": "viber", "SenderId": "20001"}
DAYS = 3 * 86_400
NOT_YOURS = "Unknown.ResourceOwnerId"


def policy(sandbox: Sandbox, *steps: dict[str, Any], name: str = "chain") -> str:
    body = own(sandbox, "CreateFallbackPolicy", PolicyName=name, Steps=list(steps))
    return str(body["Data"]["FallBackId"])


def statuses(sandbox: Sandbox, message_id: str) -> list[tuple[int, str]]:
    return [(body["WaypostLeg"], body["Status"]) for body in sandbox.callbacks(message_id)]


def channels(sandbox: Sandbox, message_id: str) -> list[tuple[str, str]]:
    return [(leg["channel"], leg["state"]) for leg in sandbox.story(message_id)["legs"]]


def test_a_policy_is_made_shown_changed_used_and_deleted(sandbox: Sandbox, phones: Phones) -> None:
    rule = own(sandbox, "CreateFallbackRule", RuleName="by SMS", **SMS)["Data"]
    assert (rule["ChannelType"], rule["SenderId"]) == ("sms", "Waypost")
    policy_id = policy(sandbox, {"RuleId": rule["RuleId"], "Wait": 120})
    assert policy_id.startswith("S_")
    shown = own(sandbox, "GetFallbackPolicy", FallBackId=policy_id)["Data"]
    assert shown["Steps"] == [
        {
            "RuleId": rule["RuleId"],
            "RuleName": "by SMS",
            **SMS,
            "Condition": "undelivered",
            "Wait": 120,
        }
    ]
    message_id = sandbox.send(**FREE, to=phones.new("0001"), fall_back_id=policy_id)
    sandbox.advance(60)
    assert channels(sandbox, message_id) == [("viber", "failed"), ("sms", "delivered")]
    changed = own(sandbox, "UpdateFallbackPolicy", FallBackId=policy_id, PolicyName="renamed")["Data"]
    assert (changed["PolicyName"], changed["Steps"]) == ("renamed", shown["Steps"])
    listed = own(sandbox, "ListFallbackPolicies", PageSize=100)
    assert listed["Data"][0]["FallBackId"] == "S_000001"
    assert listed["Data"][0]["Declared"] is True
    assert policy_id in [row["FallBackId"] for row in listed["Data"]]
    assert own_refused(sandbox, "DeleteFallbackRule", RuleId=rule["RuleId"]).code == "InvalidRuleId"
    own(sandbox, "DeleteFallbackPolicy", FallBackId=policy_id)
    own(sandbox, "DeleteFallbackRule", RuleId=rule["RuleId"])
    assert sandbox.refused(**FREE, to=phones.new(), fall_back_id=policy_id).code == NOT_YOURS
    rules = own(sandbox, "ListFallbackRules", PageSize=100)["Data"]
    assert rule["RuleId"] not in [row["RuleId"] for row in rules]


def test_a_changed_rule_holds_for_the_policies_that_name_it(sandbox: Sandbox) -> None:
    rule_id = own(sandbox, "CreateFallbackRule", RuleName="way", **SMS)["Data"]["RuleId"]
    policy_id = policy(sandbox, {"RuleId": rule_id})
    own(sandbox, "UpdateFallbackRule", RuleId=rule_id, **VIBER)
    step = own(sandbox, "GetFallbackPolicy", FallBackId=policy_id)["Data"]["Steps"][0]
    assert (step["ChannelType"], step["SenderId"], step["RuleName"]) == ("viber", "20001", "way")
    listed = own(sandbox, "ListFallbackPolicies", PageSize=1000)["Data"]
    renamed = own(sandbox, "UpdateFallbackPolicy", FallBackId=policy_id, PolicyName="renamed")["Data"]
    assert [row["Steps"] for row in (*listed, renamed) if row["FallBackId"] == policy_id] == [[step]] * 2


def test_a_chain_goes_on_step_by_step_until_one_arrives(sandbox: Sandbox, phones: Phones) -> None:
    policy_id = policy(sandbox, {**VIBER, "Condition": "failed"}, {**SMS, "Wait": 60})
    number = phones.new("0001")
    message_id = sandbox.send(
        **WHATSAPP.parameters(to=number), fall_back_id=policy_id, fall_back_content="hello again"
    )
    sandbox.advance(60)
    assert channels(sandbox, message_id) == [
        ("whatsapp", "failed"),
        ("viber", "failed"),
        ("sms", "delivered"),
    ]
    assert statuses(sandbox, message_id) == [(0, "Failed"), (1, "Failed"), (2, "Sent"), (2, "Delivered")]
    assert [message["text"] for message in sandbox.shown(number)] == ["hello again"]


def test_the_second_step_waits_from_the_start_of_the_first(sandbox: Sandbox, phones: Phones) -> None:
    policy_id = policy(sandbox, {**VIBER, "Wait": 30}, {**SMS, "Wait": 45})
    number = phones.new("0002")
    message_id = sandbox.send(**FREE, to=number, ttl=600, fall_back_id=policy_id, fall_back_content="again")
    sandbox.advance(29)
    assert [channel for channel, _ in channels(sandbox, message_id)] == ["viber"]
    sandbox.advance(2)
    assert [channel for channel, _ in channels(sandbox, message_id)] == ["viber", "viber"]
    sandbox.advance(43)
    assert [channel for channel, _ in channels(sandbox, message_id)] == ["viber", "viber"]
    sandbox.advance(3)
    assert channels(sandbox, message_id)[2][0] == "sms"
    sandbox.advance(DAYS)
    story = sandbox.story(message_id)
    assert (story["state"], story["timers"]) == ("delivered", [])
    assert [(message["channel"], message["text"]) for message in sandbox.shown(number)] == [
        ("viber", "hello"),
        ("viber", "again"),
        ("sms", "again"),
    ]


@pytest.mark.parametrize(
    ("digits", "legs"),
    [
        ("0003", [("viber", "delivered"), ("sms", "delivered")]),
        ("7777", [("viber", "read")]),
        ("0001", [("viber", "failed"), ("sms", "delivered")]),
    ],
)
def test_what_has_to_be_read_is_followed_when_it_is_not(
    sandbox: Sandbox, phones: Phones, digits: str, legs: list[tuple[str, str]]
) -> None:
    policy_id = policy(sandbox, {**SMS, "Condition": "unread", "Wait": 90})
    message_id = sandbox.send(**FREE, to=phones.new(digits), fall_back_id=policy_id)
    sandbox.advance(DAYS)
    assert channels(sandbox, message_id) == legs
    assert sandbox.story(message_id)["timers"] == []


@pytest.mark.parametrize(
    ("digits", "legs"), [("0002", ["viber"]), ("0003", ["viber"]), ("0001", ["viber", "sms"])]
)
def test_only_a_failure_sets_off_a_step_that_waits_for_one(
    sandbox: Sandbox, phones: Phones, digits: str, legs: list[str]
) -> None:
    policy_id = policy(sandbox, {**SMS, "Condition": "failed"})
    message_id = sandbox.send(**FREE, to=phones.new(digits), ttl=60, fall_back_id=policy_id)
    sandbox.advance(DAYS)
    assert [channel for channel, _ in channels(sandbox, message_id)] == legs


def test_the_calls_duration_goes_before_the_policys(sandbox: Sandbox, phones: Phones) -> None:
    policy_id = policy(sandbox, {**SMS, "Condition": "failed"})
    message_id = sandbox.send(
        **FREE, to=phones.new("0002"), ttl=600, fall_back_id=policy_id, fall_back_duration=60
    )
    sandbox.advance(61)
    assert [channel for channel, _ in channels(sandbox, message_id)] == ["viber", "sms"]


def test_a_step_to_a_channel_with_ids_of_its_own_needs_one(sandbox: Sandbox, phones: Phones) -> None:
    policy_id = policy(sandbox, {"ChannelType": "telegram", "SenderId": "20002"})
    refusal = sandbox.refused(**FREE, to=phones.new("0001"), fall_back_id=policy_id)
    assert refusal.code == "MissingFallBackTo"
    chat = f"77{phones.new()}"
    params: dict[str, Any] = {
        "ChannelType": "viber",
        "Type": "message",
        "MessageType": "text",
        "From": "20001",
        "Content": {"text": "hello"},
        "Label": "transaction",
        "To": phones.new("0001"),
        "FallBackId": policy_id,
    }
    for wrong in ('{"telegram":7}', '{"telegram":"no chat"}'):
        assert own_refused(sandbox, "SendChatappMessage", **params, FallBackTo=wrong).status == 400
    message_id = own(sandbox, "SendChatappMessage", **params, FallBackTo={"telegram": chat})["MessageId"]
    sandbox.advance(60)
    assert channels(sandbox, message_id)[1][0] == "telegram"
    assert [message["channel"] for message in sandbox.shown(chat)] == ["telegram"]


def test_a_text_that_a_step_cannot_carry_is_refused(sandbox: Sandbox, phones: Phones) -> None:
    policy_id = policy(sandbox, VIBER)
    refusal = sandbox.refused(**FREE, to=phones.new(), fall_back_id=policy_id, fall_back_content="x" * 1001)
    assert refusal.code == "InvalidParameter.ContentError"
    assert "FallBackContent" in refusal.message


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("CreateFallbackRule", {"RuleName": "x", "ChannelType": "sms"}, "MissingSenderId"),
    ("CreateFallbackRule", {"RuleName": "x", "ChannelType": "sms", "SenderId": "nobody"}, NOT_YOURS),
    (
        "CreateFallbackRule",
        {"RuleName": "x", "ChannelType": "fax", "SenderId": "1"},
        "InvalidParameter.ChannelTypeNotSupport",
    ),
    ("CreateFallbackRule", {**SMS, "RuleName": "x" * 129}, "InvalidRuleName"),
    ("CreateFallbackPolicy", {"PolicyName": "x"}, "MissingSteps"),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": []}, "InvalidSteps"),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": "sms"}, "InvalidSteps"),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": [SMS] * 11}, "InvalidSteps"),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": [{"ChannelType": "fax"}]}, "InvalidSteps"),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": [{**SMS, "Wait": 9}]}, "InvalidSteps"),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": [{**SMS, "Wait": "soon"}]}, "InvalidSteps"),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": [{**SMS, "Condition": "unread"}]}, "InvalidSteps"),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": [{**SMS, "Condition": "lost"}]}, "InvalidSteps"),
    (
        "CreateFallbackPolicy",
        {"PolicyName": "x", "Steps": [{**SMS, "Condition": "failed", "Wait": 60}]},
        "InvalidSteps",
    ),
    ("CreateFallbackPolicy", {"PolicyName": "x", "Steps": [{"RuleId": "R_nobodys"}]}, NOT_YOURS),
    ("UpdateFallbackPolicy", {"FallBackId": "S_000001", "PolicyName": "x"}, "InvalidFallBackId"),
    ("DeleteFallbackPolicy", {"FallBackId": "S_000001"}, "InvalidFallBackId"),
]


@pytest.mark.parametrize(("operation", "params", "code"), FAULTS)
def test_a_bad_call(sandbox: Sandbox, operation: str, params: dict[str, Any], code: str) -> None:
    refusal = own_refused(sandbox, operation, **params)
    assert (refusal.status, refusal.code) == (400, code)


@pytest.mark.parametrize("operation", ["GetFallbackPolicy", "UpdateFallbackPolicy", "DeleteFallbackPolicy"])
def test_anothers_policy_is_like_none(sandbox: Sandbox, operation: str) -> None:
    policy_id = policy(sandbox, SMS)
    foreign = own_refused(sandbox, operation, key="neighbour", FallBackId=policy_id)
    absent = own_refused(sandbox, operation, key="neighbour", FallBackId="S_nobodys")
    assert_alike(foreign, absent, policy_id, "S_nobodys")
    rows = own(sandbox, "ListFallbackPolicies", key="neighbour", PageSize=100)["Data"]
    assert policy_id not in [row["FallBackId"] for row in rows]


@pytest.mark.parametrize("operation", ["UpdateFallbackRule", "DeleteFallbackRule"])
def test_anothers_rule_is_like_none(sandbox: Sandbox, operation: str) -> None:
    rule_id = own(sandbox, "CreateFallbackRule", RuleName="x", **SMS)["Data"]["RuleId"]
    foreign = own_refused(sandbox, operation, key="neighbour", RuleId=rule_id)
    absent = own_refused(sandbox, operation, key="neighbour", RuleId="R_nobodys")
    assert_alike(foreign, absent, rule_id, "R_nobodys")
    steps = [{"RuleId": rule_id}]
    stolen = own_refused(sandbox, "CreateFallbackPolicy", key="neighbour", PolicyName="x", Steps=steps)
    assert stolen.code == NOT_YOURS


def test_unread_is_a_condition_only_after_a_channel_that_reports_reading(
    sandbox: Sandbox, phones: Phones
) -> None:
    sms = {"ChannelType": "sms", "SenderId": "Waypost"}
    viber = {"ChannelType": "viber", "SenderId": "20001"}
    unread = {"Wait": 60, "Condition": "unread"}
    refusal = own_refused(sandbox, "CreateFallbackPolicy", PolicyName="x", Steps=[sms, viber | unread])
    assert refusal.code == "InvalidSteps"
    assert "Steps[1].Condition: unread is not allowed: sms never reports" in refusal.message
    steps = [viber | unread, sms | unread]
    made = own(sandbox, "CreateFallbackPolicy", PolicyName="x", Steps=steps)["Data"]["FallBackId"]
    assert sandbox.send(**FREE, to=phones.new(), fall_back_id=made)
    refusal = own_refused(
        sandbox,
        "SendChatappMessage",
        ChannelType="telegram",
        Type="message",
        MessageType="text",
        From="20002",
        To="7700001",
        Content={"text": "hello"},
        FallBackId=made,
        FallBackTo="8613900000001",
    )
    assert refusal.code == "InvalidFallBackId"
    assert "telegram never reports that a message was read" in refusal.message
