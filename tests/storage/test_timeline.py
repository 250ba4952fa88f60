"""The timeline of a message: all its events in order."""

from typing import Any

import pytest

from tests.model.messages import fallback, message
from tests.storage.databases import FIRST, LANE, NOW, SECOND, attempt, leg
from waypost.messaging.history import overall_state, timeline
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import AttemptOutcome, Leg, LegState
from waypost.model.message.work import DispatchWork, TimerKind, TimerWork, encode
from waypost.storage.changes import AddEvent, AddMessage, Enqueue, PutAttempt, PutLeg
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Event, Stage

QUEUED, SENT = LegState.QUEUED, LegState.SENT
DELIVERED, READ = LegState.DELIVERED, LegState.READ
FAILED, EXPIRED = LegState.FAILED, LegState.EXPIRED


def in_state(number: int, state: LegState) -> Leg:
    made = leg(FIRST, number)
    made.state = state
    return made


@pytest.mark.parametrize(
    ("states", "overall"),
    [
        ([], QUEUED),
        ([QUEUED], QUEUED),
        ([FAILED], FAILED),
        ([FAILED, SENT], SENT),
        ([EXPIRED, FAILED], FAILED),
        ([SENT, FAILED], FAILED),
        ([DELIVERED], DELIVERED),
        ([DELIVERED, FAILED], DELIVERED),
        ([READ, DELIVERED], READ),
        ([DELIVERED, READ], READ),
        ([FAILED, DELIVERED, EXPIRED], DELIVERED),
    ],
)
def test_the_state_of_a_message_is_the_best_of_its_legs(states: list[LegState], overall: LegState) -> None:
    assert overall_state([in_state(number, state) for number, state in enumerate(states)]) is overall


@pytest.mark.parametrize("message_id", [SECOND, "", "1", "none", "9" * 24, "x" * 25])
async def test_there_is_none_of_a_message_that_is_not_there(store: Store, message_id: str) -> None:
    await store.transact(lambda tx: tx.write(AddMessage(message(message_id=FIRST))))
    assert await timeline(store, MessageId(message_id)) is None


async def test_of_a_message_that_was_just_accepted(store: Store) -> None:
    written = message(message_id=FIRST, tag="t", tracking_data="order:9", content={"text": "ü"})
    await store.transact(lambda tx: tx.write(AddMessage(written)))
    assert await timeline(store, MessageId(FIRST)) == {
        "message_id": FIRST,
        "account_id": "1",
        "space_id": "cams-1",
        "accepted_at": NOW,
        "channel": "viber",
        "message_type": "text",
        "from": "20001",
        "to": "380501112233",
        "content": {"text": "ü"},
        "redacted": False,
        "label": "promotion",
        "ttl": 120,
        "tag": "t",
        "tracking_data": "order:9",
        "task_id": FIRST,
        "state": "queued",
        "legs": [],
        "timers": [],
        "timeline": [{"at": NOW, "leg": 0, "kind": "accepted", "text": "the call was accepted"}],
    }


@pytest.mark.parametrize(("task_id", "expected"), [("", FIRST), ("task-1", "task-1")])
async def test_a_message_of_its_own_is_its_own_task(store: Store, task_id: str, expected: str) -> None:
    await store.transact(lambda tx: tx.write(AddMessage(message(message_id=FIRST, task_id=task_id))))
    found = await timeline(store, MessageId(FIRST))
    assert found is not None
    assert found["task_id"] == expected


def write_a_long_story(tx: Transaction) -> None:
    failed, by_sms = in_state(0, FAILED), in_state(1, DELIVERED)
    failed.failure, failed.code, failed.text = (
        SendFailure.NOT_ON_CHANNEL,
        "SRVC_NOT_VIBER_USER",
        "Viber status 9",
    )
    failed.attempts = 2
    by_sms.channel, by_sms.sender, by_sms.why, by_sms.double_delivery = "sms", "Shop", "failed", True
    first, second, third = attempt(FIRST, 0, 1), attempt(FIRST, 0, 2), attempt(FIRST, 1, 1)
    first.outcome, first.ended_at, first.text = AttemptOutcome.UNKNOWN, NOW + 5, "timeout"
    second.outcome, second.code, second.started_at = AttemptOutcome.REFUSED, "9", NOW + 6
    third.outcome, third.provider_id = AttemptOutcome.ACCEPTED, "77"
    third.started_at, third.ended_at = NOW + 9, NOW + 12
    tx.write(AddMessage(message(message_id=FIRST, fallback=fallback(60))))
    for one in (by_sms, failed):
        tx.write(PutLeg(one))
    for other in (third, second, first):
        tx.write(PutAttempt(other))
    tx.write(AddEvent(Event(MessageId(FIRST), 0, NOW + 5, "unknown", "no answer")))
    tx.write(AddEvent(Event(MessageId(FIRST), 1, NOW + 9, "fallback", "not on the channel")))
    tx.write(Enqueue(Stage.TIMER, LANE, MessageId(FIRST), encode(TimerWork(TimerKind.EXPIRY, 1)), NOW + 900))
    tx.write(Enqueue(Stage.TIMER, LANE, MessageId(FIRST), encode(TimerWork(TimerKind.FALLBACK, 0)), NOW + 60))
    # Not this message's, and no timer.
    tx.write(AddEvent(Event(MessageId(SECOND), 0, NOW, "note", "another's")))
    tx.write(Enqueue(Stage.TIMER, LANE, MessageId(SECOND), encode(TimerWork(TimerKind.EXPIRY, 0)), NOW))
    tx.write(Enqueue(Stage.DISPATCH, LANE, MessageId(FIRST), encode(DispatchWork(1)), NOW))


async def story(store: Store) -> dict[str, Any]:
    await store.transact(write_a_long_story)
    return await operator_timeline(store)


async def operator_timeline(store: Store) -> dict[str, Any]:
    found = await timeline(store, MessageId(FIRST), for_operator=True)
    assert found is not None
    return found


async def test_the_words_of_providers_are_the_operators(store: Store) -> None:
    await story(store)
    found = await timeline(store, MessageId(FIRST))
    assert found is not None
    assert all("text" not in attempt for leg in found["legs"] for attempt in leg["attempts"])


async def test_each_leg_is_there_with_its_attempts(store: Store) -> None:
    found = await story(store)
    assert found["state"] == "delivered"
    first, second = found["legs"]
    assert {name: first[name] for name in first if name != "attempts"} == {
        "leg": 0,
        "channel": "viber",
        "from": "20001",
        "state": "failed",
        "why": "",
        "code": "SRVC_NOT_VIBER_USER",
        "text": "Viber status 9",
        "double_delivery": False,
    }
    assert (second["channel"], second["from"], second["why"], second["double_delivery"]) == (
        "sms",
        "Shop",
        "failed",
        True,
    )
    assert [[one["attempt"] for one in each["attempts"]] for each in found["legs"]] == [[1, 2], [1]]
    assert first["attempts"][0] == {
        "attempt": 1,
        "route": "r",
        "started_at": NOW + 1,
        "ended_at": NOW + 5,
        "outcome": "unknown",
        "provider_id": None,
        "code": "",
        "text": "timeout",
    }
    assert second["attempts"][0]["provider_id"] == "77"


FALLBACK = {"kind": "fallback", "leg": 0, "due": NOW + 60}
EXPIRY = {"kind": "expiry", "leg": 1, "due": NOW + 900}


@pytest.mark.parametrize(
    ("first", "second", "timers"),
    [
        (SENT, QUEUED, [FALLBACK, EXPIRY]),
        (FAILED, SENT, [EXPIRY]),
        (SENT, READ, [FALLBACK]),
        (FAILED, DELIVERED, []),
    ],
)
async def test_what_still_waits_of_open_legs_is_there_by_its_due_time(
    store: Store, first: LegState, second: LegState, timers: list[dict[str, Any]]
) -> None:
    await story(store)
    legs = await store.find_legs(MessageId(FIRST))

    def change(tx: Transaction) -> None:
        for one, state in zip(legs, (first, second), strict=True):
            one.state = state
            tx.write(PutLeg(one))

    await store.transact(change)
    assert (await operator_timeline(store))["timers"] == timers


async def test_its_lines_begin_with_the_call_and_follow_in_the_order_of_writing(store: Store) -> None:
    found = await story(store)
    assert [(line["at"] - NOW, line["leg"], line["kind"]) for line in found["timeline"]] == [
        (0, 0, "accepted"),
        (1, 0, "attempt"),
        (5, 0, "unknown"),
        (6, 0, "attempt"),
        (9, 1, "fallback"),
        (9, 1, "attempt"),
        (12, 1, "accepted"),
    ]
