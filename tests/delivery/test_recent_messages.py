"""What this process wrote last is decided about without a read, and never wrongly."""

from collections.abc import Iterable

from tests.delivery.stages import Stages
from tests.model.messages import message
from tests.storage.databases import FIRST, SECOND, attempt, leg
from waypost.delivery.context import DeliveryContext
from waypost.delivery.recent_messages import RecentMessages
from waypost.delivery.tracker import Tracker
from waypost.model.identifiers import MessageId
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
    assert recent.attempt_by_provider_id("r", "a") is None
    assert recent.get(MessageId(SECOND)) == record(SECOND, "b")
    assert recent.attempt_by_provider_id("r", "b") == record(SECOND, "b").attempts[0]


def test_a_providers_id_is_of_the_message_that_got_it_last() -> None:
    recent = RecentMessages()
    recent.note(record(FIRST, "a"))
    recent.note(record(SECOND, "a"))
    recent.forget(MessageId(FIRST))
    assert recent.attempt_by_provider_id("r", "a") == record(SECOND, "a").attempts[0]


def test_a_caller_may_change_what_it_gets() -> None:
    recent = RecentMessages()
    recent.note(record(FIRST, "a"))
    found = recent.get(MessageId(FIRST))
    assert found is not None
    found.legs.clear()
    found.attempts.clear()
    assert recent.get(MessageId(FIRST)) == record(FIRST, "a")
