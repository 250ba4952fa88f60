"""Every magic number, end to end: the final state, the phone, and the callbacks in their order."""

from typing import Any

import pytest

from tests.sdk.callers import FREE, Phones, Sandbox
from waypost.sandbox.scenarios import SCENARIOS

TTL = 400
DAYS = 3 * 86_400
SENT, DELIVERED, READ, FAILED = "Sent", "Delivered", "Read", "Failed"
FALLBACK = {"fall_back_id": "S_000001", "fall_back_content": "by SMS", "fall_back_duration": 60}

Statuses = list[tuple[int, str]]
Shown = list[tuple[str, str]]

# Digits: the state, the callbacks as (leg, Status), what the phone shows as (channel, state).
ALONE: dict[str, tuple[str, Statuses, Shown]] = {
    "7777": ("read", [(0, SENT), (0, DELIVERED), (0, READ)], [("viber", "read")]),
    "0001": ("failed", [(0, FAILED)], []),
    "0002": ("expired", [(0, SENT), (0, FAILED)], [("viber", "received")]),
    "0003": ("delivered", [(0, SENT), (0, DELIVERED)], [("viber", "delivered")]),
    "0004": ("delivered", [(0, SENT), (0, DELIVERED)], [("viber", "delivered")]),
    "0005": ("expired", [(0, SENT), (0, FAILED)], []),
    "0006": ("read", [(0, SENT), (0, DELIVERED), (0, READ)], [("viber", "read")]),
    "0007": ("read", [(0, SENT), (0, DELIVERED), (0, READ)], [("viber", "read")]),
    "0008": ("read", [(0, SENT), (0, DELIVERED), (0, READ)], [("viber", "read")]),
    "0009": ("failed", [(0, FAILED)], []),
    "0010": ("delivered", [(0, SENT), (0, DELIVERED)], [("viber", "delivered")]),
    "0011": ("failed", [(0, FAILED)], []),
}
BY_SMS: Statuses = [(1, SENT), (1, DELIVERED)]
# The same with a fallback by SMS after 60 seconds; the others end as they do alone.
FALLING_BACK: dict[str, tuple[str, Statuses, Shown]] = {
    "0001": ("delivered", [(0, FAILED), *BY_SMS], [("sms", "delivered")]),
    "0002": (
        "delivered",
        [(0, SENT), *BY_SMS, (0, FAILED)],
        [("viber", "received"), ("sms", "delivered")],
    ),
    "0004": (
        "delivered",
        [(0, SENT), *BY_SMS, (0, DELIVERED)],
        [("sms", "delivered"), ("viber", "delivered")],
    ),
    "0005": ("delivered", [(0, SENT), *BY_SMS, (0, FAILED)], [("sms", "delivered")]),
    "0011": ("failed", [(0, FAILED), (1, SENT), (1, FAILED)], []),
}
CODES = {
    "0001": "SRVC_NOT_VIBER_USER",
    "0009": "SRVC_USER_BLOCKED",
    "0011": "SRVC_NOT_VIBER_USER",
}


def test_every_row_of_the_magic_table_is_here() -> None:
    assert {scenario.digits for scenario in SCENARIOS} == ALONE.keys() - {"7777"}


def check(
    sandbox: Sandbox, number: str, parameters: dict[str, Any], scenario: tuple[str, Statuses, Shown]
) -> list[dict[str, Any]]:
    state, statuses, shown = scenario
    message_id = sandbox.send(**{**FREE, **parameters, "to": number, "ttl": TTL})
    sandbox.advance(DAYS)
    story = sandbox.story(message_id)
    callbacks = sandbox.callbacks(message_id)
    assert [(body["WaypostLeg"], body["Status"]) for body in callbacks] == statuses
    assert [(message["channel"], message["state"]) for message in sandbox.shown(number)] == shown
    assert story["state"] == state
    assert story["timers"] == []
    times = [body["Timestamp"] for body in callbacks]
    assert min(times) >= story["accepted_at"]
    return callbacks


@pytest.mark.parametrize("digits", ALONE)
def test_alone(sandbox: Sandbox, phones: Phones, digits: str) -> None:
    number = phones.new(digits)
    callbacks = check(sandbox, number, {"tracking_data": "t:1"}, ALONE[digits])
    for body in callbacks:
        assert (body["From"], body["To"], body["WaypostChannel"]) == ("20001", number, "viber")
        assert ("ErrorCode" in body) == (body["Status"] == FAILED)
    if digits in CODES:
        assert callbacks[-1]["ErrorCode"] == CODES[digits]
        assert callbacks[-1]["ErrorDescription"].startswith(f"{CODES[digits]}:")
    replies = [(body["Message"], body["WaypostTrackingData"]) for body in sandbox.replies(number)]
    assert replies == ([("STOP", "t:1")] if digits == "0010" else [])


@pytest.mark.parametrize("digits", ALONE)
def test_with_a_fallback(sandbox: Sandbox, phones: Phones, digits: str) -> None:
    callbacks = check(sandbox, phones.new(digits), FALLBACK, FALLING_BACK.get(digits) or ALONE[digits])
    twice = [(body["WaypostLeg"], body["Status"]) for body in callbacks if "WaypostDoubleDelivery" in body]
    assert twice == ([(0, DELIVERED)] if digits == "0004" else [])
    for body in callbacks:
        if body["WaypostLeg"] == 1:
            assert (body["From"], body["OriginPhoneNumber"]) == ("Waypost", "20001")
            assert body["WaypostFallbackReason"]


def test_a_promotion_does_not_follow_whoever_blocked_the_sender_but_a_transaction_does(
    sandbox: Sandbox, phones: Phones
) -> None:
    number = phones.new("0009")
    scenario = ("delivered", [(0, FAILED), *BY_SMS], [("sms", "delivered")])
    check(sandbox, number, {**FALLBACK, "label": "transaction"}, scenario)


def test_a_lost_answer_is_not_sent_again(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new("0007")
    message_id = sandbox.send(**FREE, to=number)
    sandbox.advance(DAYS)
    (leg,) = sandbox.story(message_id)["legs"]
    assert [attempt["outcome"] for attempt in leg["attempts"]] == ["unknown"]
    assert len(sandbox.shown(number)) == 1


def test_a_busy_provider_is_tried_again(sandbox: Sandbox, phones: Phones) -> None:
    message_id = sandbox.send(**FREE, to=phones.new("0006"))
    sandbox.advance(60)
    (leg,) = sandbox.story(message_id)["legs"]
    assert [attempt["outcome"] for attempt in leg["attempts"]] == ["refused", "refused", "accepted"]


def test_a_message_expires_at_its_ttl_though_the_phone_comes_back_later(
    sandbox: Sandbox, phones: Phones
) -> None:
    number = phones.new("0004")
    message_id = sandbox.send(**FREE, to=number, ttl=30)
    sandbox.advance(29)
    assert [body["Status"] for body in sandbox.callbacks(message_id)] == ["Sent"]
    sandbox.advance(1)
    assert [body["Status"] for body in sandbox.callbacks(message_id)] == ["Sent", "Failed"]
    sandbox.advance(600)
    assert sandbox.shown(number) == []
    in_time = sandbox.send(**FREE, to=phones.new("0004"), ttl=301)
    sandbox.advance(301)
    assert [body["Status"] for body in sandbox.callbacks(in_time)] == ["Sent", "Delivered"]
