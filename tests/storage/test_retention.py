"""What has reached its age is removed: content first, then messages; what still has work is left alone."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.model.messages import fallback, message
from tests.storage.databases import LANE, NOW, attempt, callback, enqueue, inbound_message, leg, listed, write
from waypost.messaging.replay import REDACTED, replay_callbacks
from waypost.messaging.retention import RetentionRound
from waypost.model.identifiers import DAY_MS, NO_MESSAGE, AccountId, MessageId, first_of
from waypost.model.message.leg import AttemptOutcome, LegState
from waypost.model.message.sms_counts import sms_counts
from waypost.model.message.sms_limits import SmsLimits
from waypost.model.retention import RetentionAges
from waypost.storage.changes import (
    AddEvent,
    AddInbound,
    AddMessage,
    Change,
    ClaimInbound,
    CountSms,
    Publish,
    PutAttempt,
    PutLeg,
    Refusal,
)
from waypost.storage.contract import Store
from waypost.storage.records import CallbackState, Event, Stage
from waypost.storage.sqlite import SqliteStore

NUMBER = "380501112233"
AGES = RetentionAges(content=30, messages=180, callbacks=90, inbound=30, events=60)
STATUS = f'{{"MessageId":"1","To":"{NUMBER}","Status":"Delivered"}}'
INBOUND = f'{{"MessageId":"wamid.1","From":"{NUMBER}","Message":"private"}}'


def id_at(moment: int, place: int = 0) -> MessageId:
    return MessageId(str(int(first_of(moment)) + place * 1000))


async def add(store: Store, moment: int, place: int = 0, **changes: Any) -> MessageId:
    """A message with all that belongs to it, delivered at a moment."""
    message_id = id_at(moment, place)
    ended = {"state": LegState.DELIVERED, "started_at": moment, "updated_at": moment} | changes
    refused = await write(
        store,
        AddMessage(
            message(
                message_id=message_id,
                accepted_at=moment,
                fallback=fallback(60),
                tracking_data="order of Ada",
                content={"text": "private"},
                tag="autumn",
                task_id=f"otp {NUMBER}",
            )
        ),
        PutLeg(msgspec.structs.replace(leg(message_id), **ended)),
        PutAttempt(
            msgspec.structs.replace(
                attempt(message_id), outcome=AttemptOutcome.ACCEPTED, provider_id=f"wamid.{NUMBER}"
            )
        ),
        AddEvent(Event(message_id, 0, moment, "attempt", "attempt 1, by r")),
        AddEvent(Event(message_id, 0, moment, "refused", f"refused: no {NUMBER}")),
        Publish(ended_callback(message_id, STATUS, moment)),
    )
    assert refused is None
    return message_id


def ended_callback(message_id: MessageId, body: str, moment: int, kind: str = "ChatAppStatus") -> Any:
    return msgspec.structs.replace(
        callback(message_id, body, moment), state=CallbackState.STORED, url="", kind=kind
    )


async def apply(store: Store, now: int, ages: RetentionAges = AGES) -> None:
    await RetentionRound(store, ages, now, pause=0.0).run()


async def test_content_and_numbers_go_first(store: Store) -> None:
    old = await add(store, NOW)
    young = await add(store, NOW + 5 * DAY_MS)
    await apply(store, NOW + 31 * DAY_MS)

    found = await store.find_message(old)
    assert found is not None
    assert found.redacted
    assert (found.recipient, found.content, found.tracking_data) == ("", {}, "")
    assert found.fallback is not None
    assert [step.text for step in found.fallback.steps] == [""]
    assert (found.sender, found.channel, found.account_id) == ("20001", "viber", "1")
    [old_leg] = await store.find_legs(old)
    assert (old_leg.recipient, old_leg.state) == ("", LegState.DELIVERED)
    [old_attempt] = await store.find_attempts(old)
    assert (old_attempt.recipient, old_attempt.provider_id) == ("", None)
    assert [event.text for event in await store.find_events(old)] == ["attempt 1, by r", ""]
    [pushed] = await store.list_callbacks(message_id=old)
    assert msgspec.json.decode(pushed.body) == {"Status": "Delivered", "WaypostRedacted": True}

    assert [one.message_id for one in await listed(store, tag="autumn")] == [young, old]
    for by_number in ({"recipients": (NUMBER,)}, {"task_id": f"otp {NUMBER}"}):
        assert [one.message_id for one in await listed(store, **by_number)] == [young]
    assert [one.message_id for one in await listed(store, space_id="cams-1", sender="20001")] == [young, old]

    kept = await store.find_message(young)
    assert kept is not None
    assert (kept.recipient, kept.content, kept.redacted) == (NUMBER, {"text": "private"}, False)


async def test_then_timelines_callbacks_and_the_whole_message(store: Store) -> None:
    old = await add(store, NOW)
    await add(store, NOW + 400 * DAY_MS)
    await apply(store, NOW + 61 * DAY_MS)
    assert await store.find_events(old) == []
    assert len(await store.list_callbacks(message_id=old)) == 1
    await apply(store, NOW + 91 * DAY_MS)
    assert await store.list_callbacks(message_id=old) == []
    assert await store.find_message(old) is not None
    await apply(store, NOW + 181 * DAY_MS)
    assert await store.find_message(old) is None
    assert await store.find_legs(old) == []
    assert await store.find_attempts(old) == []


async def test_what_is_kept_for_ever_is_kept(store: Store) -> None:
    old = await add(store, NOW)
    await apply(store, NOW + 10_000 * DAY_MS, RetentionAges())
    found = await store.find_message(old)
    assert found is not None
    assert not found.redacted


@pytest.mark.parametrize("stage", [Stage.DISPATCH, Stage.TIMER, Stage.CALLBACK, Stage.RECEIPT])
async def test_a_message_with_work_is_left_alone_and_keeps_nothing_from_the_others(
    store: Store, stage: Stage
) -> None:
    busy = await add(store, NOW)
    free = await add(store, NOW, 1)
    await enqueue(store, NOW + 999 * DAY_MS, stage=stage, message_id=busy, lane=LANE)
    for _ in range(2):
        await apply(store, NOW + 200 * DAY_MS)
        found = await store.find_message(busy)
        assert found is not None
        assert found.content == {"text": "private"}
        assert await store.find_message(free) is None
    assert len(await store.list_callbacks(message_id=busy)) == 1


async def test_a_leg_that_nothing_will_end_any_more_is_as_old_as_its_last_change(store: Store) -> None:
    open_ = await add(store, NOW, state=LegState.IN_DOUBT)
    await apply(store, NOW + 179 * DAY_MS)
    assert await store.find_message(open_) is not None
    await apply(store, NOW + 181 * DAY_MS)
    assert await store.find_message(open_) is None


async def test_a_damaged_message_keeps_nothing_from_the_others(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "waypost.db")
    damaged = await add(store, NOW)
    whole = await add(store, NOW, 1)
    with closing(sqlite3.connect(tmp_path / "waypost.db")) as connection, connection:
        connection.execute("UPDATE message SET body = '{}' WHERE message_id = ?", (damaged,))
        connection.execute("UPDATE callback SET body = '[' WHERE message_id = ?", (damaged,))
    await apply(store, NOW + 31 * DAY_MS)
    found = await store.find_message(whole)
    assert found is not None
    assert found.redacted
    await apply(store, NOW + 181 * DAY_MS)
    assert await store.find_legs(damaged) == []
    await store.close()


async def test_the_age_counts_from_the_last_end(store: Store) -> None:
    read_late = await add(store, NOW, updated_at=NOW + 20 * DAY_MS, state=LegState.READ)
    await apply(store, NOW + 40 * DAY_MS)
    found = await store.find_message(read_late)
    assert found is not None
    assert not found.redacted
    await apply(store, NOW + 51 * DAY_MS)
    found = await store.find_message(read_late)
    assert found is not None
    assert found.redacted


async def test_a_decision_on_the_message_as_it_was_is_refused(store: Store) -> None:
    old = await add(store, NOW)
    [before] = await store.find_legs(old)
    await apply(store, NOW + 31 * DAY_MS)
    change = Change([PutLeg(before)], message_id=old, version=before.version)
    assert await store.apply([change]) == [Refusal.CHANGED]
    [after] = await store.find_legs(old)
    assert after.recipient == ""


async def test_a_redacted_callback_cannot_be_replayed_and_why_is_reported(store: Store) -> None:
    old = await add(store, NOW)
    [found] = await store.list_callbacks(message_id=old)
    await apply(store, NOW + 31 * DAY_MS)
    [result] = await replay_callbacks(store, [found.id], NOW)
    assert result.error == REDACTED


async def test_what_people_wrote_and_its_callbacks(store: Store) -> None:
    for days in (0, 100):
        at = NOW + days * DAY_MS
        await write(
            store,
            AddInbound(inbound_message(user=NUMBER, at=at), at),
            ClaimInbound("whatsapp-main", f"wamid.{days}", at),
            Publish(ended_callback(NO_MESSAGE, INBOUND, at, "ChatAppInbound")),
        )
    await apply(store, NOW + 31 * DAY_MS)
    page = {"user": "", "since": 0, "until": NOW + 999 * DAY_MS, "skip": 0, "limit": 10}
    [kept] = await store.inbound_messages.page("1", "cams-1", "whatsapp", "15550100001", **page)  # type: ignore[arg-type]
    assert kept.at == NOW + 100 * DAY_MS
    redacted, whole = await store.list_callbacks()
    assert msgspec.json.decode(redacted.body) == {"WaypostRedacted": True}
    assert whole.body == INBOUND
    claims = [write(store, ClaimInbound("whatsapp-main", f"wamid.{days}", NOW)) for days in (0, 100)]
    assert [await claim for claim in claims] == [None, Refusal.REPEATED]
    await apply(store, NOW + 91 * DAY_MS)
    assert [each.id for each in await store.list_callbacks()] == [whole.id]


async def test_counters_of_sms_to_a_number_go_with_the_numbers(store: Store) -> None:
    counts = sms_counts(AccountId("1"), NUMBER, SmsLimits(per_recipient=1), NOW)
    await write(store, CountSms(counts))
    assert await write(store, CountSms(counts)) is Refusal.CAPPED
    await apply(store, NOW + 29 * DAY_MS)
    assert await write(store, CountSms(counts)) is Refusal.CAPPED
    await apply(store, NOW + 31 * DAY_MS)
    assert await write(store, CountSms(counts)) is None


async def test_an_id_of_a_callback_never_names_another_one(store: Store) -> None:
    old = await add(store, NOW)
    [first] = await store.list_callbacks()
    await apply(store, NOW + 400 * DAY_MS)
    assert await store.find_message(old) is None
    await add(store, NOW + 400 * DAY_MS)
    ids = [each.id for each in await store.list_callbacks()]
    assert max(ids) > first.id
    await apply(store, NOW + 500 * DAY_MS)
    assert [each.id for each in await store.list_callbacks()] == [max(ids)], "what held the place is gone"


async def test_the_file_does_not_grow_any_more_once_retention_is_reached(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "waypost.db", durable=False)
    pages: list[int] = []
    for day in range(400):
        now = NOW + day * DAY_MS
        for place in range(4):
            await add(store, now, place)
            await write(store, AddInbound(inbound_message(user=f"38050111{place:04d}", at=now), now))
        await apply(store, now)
        pages.append(store._read("PRAGMA page_count", {})[0][0])
    assert pages[100] > pages[20], "before, it grows"
    # Indexes over numbers fill their pages to another part while what is old leaves for the first time.
    assert pages[399] <= pages[240] + 2, pages[180::20]
    await store.close()
