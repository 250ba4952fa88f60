"""GetChatappMessageDetail: one message from its call to its final state."""

import pytest

from tests.sdk.callers import FREE, TEMPLATE, Phones, Sandbox
from tests.sdk.operations import assert_alike, own, own_refused


def test_the_whole_story_with_its_reasons(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new("0001")
    message_id = sandbox.send(**TEMPLATE, to=number, fall_back_id="S_000001", task_id="order-1")
    sandbox.advance(10)
    data = own(sandbox, "GetChatappMessageDetail", MessageId=message_id)["Data"]
    assert (data["State"], data["TaskId"], data["FallBackId"]) == ("delivered", "order-1", "S_000001")
    assert (data["Message"]["MessageStatus"], data["Message"]["FailBackFlag"]) == ("Failed", "Y")
    viber, sms = data["Legs"]
    assert (viber["ChannelType"], viber["State"], viber["ErrorCode"]) == (
        "viber",
        "failed",
        "SRVC_NOT_VIBER_USER",
    )
    assert [attempt["Outcome"] for attempt in viber["Attempts"]] == ["refused"]
    assert (sms["ChannelType"], sms["From"], sms["To"], sms["State"]) == (
        "sms",
        "Waypost",
        number,
        "delivered",
    )
    assert sms["Reason"] == "the provider did not take the message"
    kinds = [line["Kind"] for line in data["Timeline"]]
    assert kinds[:3] == ["accepted", "attempt", "refused"]
    assert "fallback" in kinds
    assert [line["Time"] for line in data["Timeline"]] == sorted(line["Time"] for line in data["Timeline"])
    assert [callback["Status"] for callback in data["Callbacks"]] == ["Failed", "Sent", "Delivered"]
    assert {callback["State"] for callback in data["Callbacks"]} == {"stored"}
    assert data["Timers"] == []


def test_what_waits_is_shown(sandbox: Sandbox, phones: Phones) -> None:
    message_id = sandbox.send(
        **FREE, to=phones.new("0002"), ttl=600, fall_back_id="S_000001", fall_back_duration=300
    )
    sandbox.advance(1)
    timers = own(sandbox, "GetChatappMessageDetail", MessageId=message_id)["Data"]["Timers"]
    assert [timer["Kind"] for timer in timers] == ["fallback", "expiry"]


def test_anothers_message_is_like_none(sandbox: Sandbox, phones: Phones) -> None:
    message_id, absent_id = sandbox.send(**FREE, to=phones.new()), "2026112303460800000100000"
    foreign = own_refused(sandbox, "GetChatappMessageDetail", key="neighbour", MessageId=message_id)
    absent = own_refused(sandbox, "GetChatappMessageDetail", key="neighbour", MessageId=absent_id)
    assert_alike(foreign, absent, message_id, absent_id)
    assert foreign.code == "Unknown.ResourceOwnerId"


@pytest.mark.parametrize("message_id", ["1", "x" * 25, "9" * 25, "9" * 40])
def test_what_is_no_message_id(sandbox: Sandbox, message_id: str) -> None:
    refusal = own_refused(sandbox, "GetChatappMessageDetail", MessageId=message_id)
    assert (refusal.status, refusal.code) == (400, "Unknown.ResourceOwnerId")
