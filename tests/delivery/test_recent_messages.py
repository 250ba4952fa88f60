"""What this process wrote last is decided about without a read, and never wrongly."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.delivery.dispatch_node import Provider, dispatch_node
from tests.delivery.stages import Stages
from tests.model.messages import message
from tests.storage.databases import FIRST, SECOND, attempt, leg
from waypost.clock import SystemClock
from waypost.delivery.context import DeliveryContext
from waypost.delivery.recent_messages import RecentMessages
from waypost.delivery.tracker import Tracker
from waypost.model.identifiers import MessageId, parse_reference
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import ReceiptKind
from waypost.storage.records import MessageRecord
from waypost.storage.sqlite import SqliteStore


class CountingStore(SqliteStore):
    """Counts the messages that are loaded."""

    loaded = 0

    async def load(self, message_ids: Iterable[MessageId]) -> dict[MessageId, MessageRecord]:
        ids = list(message_ids)
        self.loaded += len(ids)
        return await super().load(ids)


def tracker_of(stages: Stages, store: SqliteStore, recent: RecentMessages) -> Tracker:
    context = DeliveryContext(stages.clock, lambda: stages.configuration, stages.settings, recent)
    return Tracker(store, context)


async def test_a_receipt_for_what_was_just_written_needs_no_read(stages: Stages) -> None:
    sent = await stages.send()
    [taken] = stages.viber.taken
    store = CountingStore(stages.path, durable=False)
    tracker = tracker_of(stages, store, stages.context.recent)
    await tracker.receive([stages.receipt_of(taken, ReceiptKind.DELIVERED)])
    assert store.loaded == 0
    assert await stages.states(sent) == [LegState.DELIVERED]
    await store.close()


async def test_what_waits_for_its_turn_is_not_read_when_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.delivery.dispatch_node.SqliteStore", CountingStore)
    provider = Provider()
    async with dispatch_node(tmp_path, SystemClock(), provider, width=1) as node:
        accepted = [await node.accept("transaction") for _ in range(3)]
        node.start()
        await provider.until(3)
        assert isinstance(node.store, CountingStore)
        assert node.store.loaded == 0
        assert [parse_reference(each.reference)[0] for each in provider.received] == accepted


async def test_what_another_process_changed_is_decided_about_as_it_is_now(stages: Stages) -> None:
    sent = await stages.send()
    [taken] = stages.viber.taken
    # Another process, which remembers nothing, follows a receipt; this one still remembers it as sent.
    store = SqliteStore(stages.path, durable=False)
    elsewhere = tracker_of(stages, store, RecentMessages())
    await elsewhere.receive([stages.receipt_of(taken, ReceiptKind.READ)])
    await stages.hear(stages.receipt_of(taken, ReceiptKind.DELIVERED))
    assert await stages.states(sent) == [LegState.READ]
    assert await stages.statuses(sent) == [(0, "Sent"), (0, "Delivered"), (0, "Read")]
    await store.close()


async def test_a_leg_that_another_process_started_is_found(stages: Stages) -> None:
    sent = await stages.send()
    stages.context.recent.note(MessageRecord(sent, [], []))
    [taken] = stages.viber.taken
    await stages.hear(stages.receipt_of(taken, ReceiptKind.DELIVERED))
    assert await stages.states(sent) == [LegState.DELIVERED]
    assert await stages.journal_rows() == 0


async def test_a_message_that_is_gone_is_forgotten(stages: Stages) -> None:
    sent = await stages.send()
    await stages.store.clear()
    [taken] = stages.viber.taken
    await stages.hear(stages.receipt_of(taken, ReceiptKind.DELIVERED))
    assert stages.context.recent.get(sent.message_id) is None


def record(message_id: str, provider_id: str) -> MessageRecord:
    made = attempt(message_id, 0, 1)
    made.provider_id = provider_id
    return MessageRecord(message(message_id=message_id), [leg(message_id, 0)], [made])


def test_only_the_latest_are_kept() -> None:
    recent = RecentMessages(most=1)
    recent.note(record(FIRST, "a"))
    recent.note(record(SECOND, "b"))
    assert recent.get(MessageId(FIRST)) is None
    assert recent.get(MessageId(SECOND)) == record(SECOND, "b")
    ids = ("r", "a"), ("r", "b")
    assert recent.attempts_by_provider_id(ids) == {("r", "b"): record(SECOND, "b").attempts[0]}


def test_a_providers_id_is_of_the_message_that_got_it_last() -> None:
    recent = RecentMessages()
    recent.note(record(FIRST, "a"))
    recent.note(record(SECOND, "a"))
    recent.forget(MessageId(FIRST))
    found = recent.attempts_by_provider_id([("r", "a")])
    assert found == {("r", "a"): record(SECOND, "a").attempts[0]}


def test_an_attempt_is_known_by_the_id_that_it_has_now() -> None:
    recent = RecentMessages()
    for provider_id in ("a", "b", "b"):
        recent.note(record(FIRST, provider_id))
    found = recent.attempts_by_provider_id([("r", "a"), ("r", "b")])
    assert found == {("r", "b"): record(FIRST, "b").attempts[0]}
    recent.forget(MessageId(FIRST))
    assert recent.attempts_by_provider_id([("r", "b")]) == {}


def test_a_caller_may_change_what_it_gets() -> None:
    recent = RecentMessages()
    recent.note(record(FIRST, "a"))
    found = recent.get(MessageId(FIRST))
    assert found is not None
    found.legs.clear()
    found.attempts.clear()
    assert recent.get(MessageId(FIRST)) == record(FIRST, "a")


def waiting(number: int, accepted_at: int) -> MessageRecord:
    id_ = f"202701150800000{number:07d}000"
    return MessageRecord(message(message_id=id_, accepted_at=accepted_at), [leg(id_, 0)], [])


def test_of_many_that_wait_those_whose_turn_comes_first_are_kept() -> None:
    recent = RecentMessages()
    records = [waiting(number, accepted_at=1000) for number in range(1001)]
    for each in records:
        recent.note_waiting(each)
    assert recent.get(records[0].message.message_id) == records[0]
    assert recent.get(records[1000].message.message_id) is None
    recent.forget(records[0].message.message_id)
    recent.note_waiting(records[1000])
    assert recent.get(records[1000].message.message_id) == records[1000]


def test_what_another_process_has_sent_makes_room_after_a_minute() -> None:
    recent = RecentMessages()
    old = [waiting(number, accepted_at=1000) for number in range(1000)]
    for each in [*old, new := waiting(1000, accepted_at=61_000)]:
        recent.note_waiting(each)
    assert recent.get(old[0].message.message_id) is None
    assert recent.get(new.message.message_id) == new


def test_what_waits_is_as_it_was_written_last() -> None:
    recent = RecentMessages()
    accepted = waiting(1, accepted_at=1000)
    recent.note_waiting(accepted)
    sent = MessageRecord(accepted.message, accepted.legs, [attempt(accepted.message.message_id, 0, 1)])
    recent.note(sent)
    # Its acceptance is known to be written only now.
    recent.note_waiting(accepted)
    assert recent.get(accepted.message.message_id) == sent
