"""A full disk: what was answered is kept and written when there is room again, and nothing is sent twice.

The store's connection may use no more pages than it has, as on a disk without room.
"""

import asyncio
from collections.abc import Sequence

import pytest

from tests.claims import claim_due
from tests.delivery.stages import Stages, Taken
from tests.storage.databases import FIRST
from waypost.delivery import dispatcher as dispatcher_module
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import AttemptOutcome, LegState
from waypost.model.message.outcomes import Accepted, Outcome, ReceiptKind, Refused
from waypost.storage.changes import AddEvent, Change
from waypost.storage.contract import StoreUnavailableError
from waypost.storage.records import Event, Stage, Work

MESSAGES = 40
_ROOM = 1_000_000


class Disk:
    """The disk of a store, which can be full, or not be written to at all, as after an error of the disk."""

    def __init__(self, stages: Stages) -> None:
        self._store = stages.store
        self._connection = stages.store._transactions._connection

    async def fill(self) -> None:
        """Leaves next to no room, not even in pages that are in use."""
        [[pages]] = self._connection.execute("PRAGMA page_count")
        self._connection.execute(f"PRAGMA max_page_count = {pages}")
        for text, count in (("x" * 20_000, 1), ("x", 20), ("x", 1)):
            event = Event(MessageId(FIRST), 0, 0, "note", text)
            with pytest.raises(StoreUnavailableError, match="full"):
                await self._write_until_it_fails([Change([AddEvent(event)] * count)])

    async def _write_until_it_fails(self, changes: Sequence[Change]) -> None:
        while True:
            await self._store.apply(changes)

    def fail(self) -> None:
        """Refuses all writes."""
        self._connection.execute("PRAGMA query_only = ON")

    def recover(self) -> None:
        """Takes writes again."""
        self._connection.execute(f"PRAGMA max_page_count = {_ROOM}")
        self._connection.execute("PRAGMA query_only = OFF")


@pytest.fixture(autouse=True)
def short_retry_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher_module, "_FIRST_WRITE_RETRY_S", 0.001)
    monkeypatch.setattr(dispatcher_module, "_LAST_WRITE_RETRY_S", 0.001)


class Batch:
    """Messages whose requests are out, all of them answered while the disk is full."""

    def __init__(self, stages: Stages, answers: Sequence[Outcome]) -> None:
        self.stages = stages
        self.out = 0
        self.all_out = asyncio.Event()
        self.answered = asyncio.Event()
        self.released: list[Work] = []
        self._count = len(answers)
        stages.viber.answers += answers
        stages.viber.on_send = self._hang

    def release(self, *works: Work) -> None:
        self.released += works

    async def _hang(self, _: Taken) -> None:
        self.out += 1
        if self.out == self._count:
            self.all_out.set()
        await self.answered.wait()


async def test_what_was_answered_on_a_full_disk_is_written_when_there_is_room(stages: Stages) -> None:
    answers: list[Outcome] = [
        Accepted(f"id-{number}") if number % 4 else Refused(SendFailure.NOT_ON_CHANNEL, "9", "no user")
        for number in range(MESSAGES)
    ]
    messages = [
        await stages.accept(recipient=f"38050{number:07d}", label="transaction") for number in range(MESSAGES)
    ]
    disk, batch = Disk(stages), Batch(stages, answers)
    works = await claim_due(stages.store, Stage.DISPATCH, MESSAGES, stages.clock.now())
    processing = asyncio.create_task(stages.dispatcher.process(works, batch.release))
    await batch.all_out.wait()
    stages.viber.on_send = None
    await disk.fill()
    batch.answered.set()
    done, _ = await asyncio.wait({processing}, timeout=0.05)
    # What waits to be written holds its place: no more is sent meanwhile than the route is wide.
    assert done == set()
    assert len(batch.released) < MESSAGES / 2
    disk.recover()
    await processing
    assert len(batch.released) == MESSAGES
    await stages.pass_time(300)
    assert len(stages.viber.taken) == MESSAGES
    for message in messages:
        [attempt] = await stages.attempts(message)
        [state] = await stages.states(message)
        taken = [one for one in stages.viber.taken if one.message_id == message.message_id]
        [outcome] = [one.outcome for one in taken]
        if isinstance(outcome, Accepted):
            assert (state, attempt.provider_id) == (LegState.SENT, outcome.provider_id)
        else:
            assert (state, attempt.outcome) == (LegState.FAILED, AttemptOutcome.REFUSED)


async def test_a_lease_that_ends_meanwhile_does_not_lose_the_answer(stages: Stages) -> None:
    accepted = await stages.accept(label="transaction")
    disk, batch = Disk(stages), Batch(stages, [Accepted("id-0")])
    works = await claim_due(stages.store, Stage.DISPATCH, 1, stages.clock.now())
    processing = asyncio.create_task(stages.dispatcher.process(works, batch.release))
    await batch.all_out.wait()
    disk.fail()
    batch.answered.set()
    await asyncio.wait({processing}, timeout=0.05)
    # Another process can write, and finds the lease at its end.
    other = Stages(stages.path)
    other.clock.move_to(stages.clock.now())
    other.store._transactions._living = lambda node: [node.run]  # type: ignore[method-assign]
    [taken_over] = await claim_due(other.store, Stage.DISPATCH, 1, other.clock.now())
    await other.dispatcher.process([taken_over], lambda *works: None)
    assert await other.states(accepted) == [LegState.IN_DOUBT]
    assert batch.released == []
    disk.recover()
    await processing
    assert await stages.states(accepted) == [LegState.SENT]
    await other.pass_time(300)
    assert len(stages.viber.taken) + len(other.viber.taken) == 1
    await other.close()


async def test_a_receipt_that_was_not_written_is_not_confirmed_and_counts_when_it_comes_again(
    stages: Stages,
) -> None:
    accepted = await stages.send(label="transaction")
    [taken] = stages.viber.taken
    disk = Disk(stages)
    disk.fail()
    with pytest.raises(StoreUnavailableError):
        await stages.hear(stages.receipt_of(taken, ReceiptKind.DELIVERED))
    disk.recover()
    await stages.hear(stages.receipt_of(taken, ReceiptKind.DELIVERED))
    assert await stages.states(accepted) == [LegState.DELIVERED]
    assert await stages.statuses(accepted) == [(0, "Sent"), (0, "Delivered")]
