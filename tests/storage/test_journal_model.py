"""The journal against a model of it: whatever is done, in whatever order, the two agree."""

from collections.abc import Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, rule

from tests.claims import LEASE
from tests.storage.databases import FIRST, NOW, SECOND, callback, write
from tests.storage.store_machine import StoreMachine
from waypost.model.identifiers import MessageId
from waypost.model.message.lanes import callback_lane
from waypost.storage.changes import (
    Change,
    Command,
    DropTimers,
    EndCallback,
    Enqueue,
    Finish,
    FinishPush,
    Postpone,
    Publish,
    Refusal,
)
from waypost.storage.contract import Store
from waypost.storage.records import CallbackState, Stage, Work

# Callbacks have the most rules, so they come more often; and few messages and lanes, so that rows meet.
stages = st.sampled_from([Stage.DISPATCH, Stage.TIMER, Stage.CALLBACK, Stage.CALLBACK])
message_ids = st.sampled_from([FIRST, SECOND])
moments = st.integers(NOW, NOW + 20)
lanes = st.sampled_from(["a 1 t", "b 1 t"])
PUSHES = callback_lane(callback().account_id, callback().url)


class Row:
    """A row as the model has it.

    Attributes:
        name: written in the body, for the store numbers rows as it likes; a push has the message instead.
        published: of a push, the callbacks that wait for it.
        work: the latest claim on it that did not end by its holder.
        free: whether anybody may claim it.
    """

    def __init__(self, name: str, stage: Stage, lane: str, message_id: str, visible_at: int) -> None:
        self.name = name
        self.stage = stage
        self.lane = lane
        self.message_id = message_id
        self.visible_at = visible_at
        self.tries = 0
        self.published: list[int] = []
        self.work: Work | None = None
        self.free = True


async def apply(store: Store, changes: Sequence[Change]) -> list[Refusal | Exception | None]:
    return await store.apply(changes)


class JournalMachine(StoreMachine):
    """The store is also closed and opened again, which ends every claim."""

    claimed: Bundle[Work] = Bundle("claimed")

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.names = 0

    def apply(self, *commands: Command, work: Work | None = None) -> Refusal | None:
        works = [] if work is None else [work]
        refusal: Refusal | None = self.run(write(self.store, *commands, works=works))
        return refusal

    def row_of(self, work: Work) -> Row | None:
        """The row, if nobody has claimed it since."""
        return next((row for row in self.rows if row.work is work), None)

    @rule(
        stage=st.sampled_from([Stage.DISPATCH, Stage.TIMER]),
        lane=lanes,
        message_id=message_ids,
        visible_at=moments,
    )
    def enqueue(self, stage: Stage, lane: str, message_id: str, visible_at: int) -> None:
        self.names += 1
        self.apply(Enqueue(stage, lane, MessageId(message_id), str(self.names), visible_at))
        self.rows.append(Row(str(self.names), stage, lane, message_id, visible_at))

    @rule(message_id=message_ids, nows=st.lists(moments, min_size=1, max_size=4))
    def publish(self, message_id: str, nows: list[int]) -> None:
        for now in nows:
            self.apply(Publish(callback(message_id, created_at=now)))
            [*_, written] = self.run(self.store.list_callbacks())
            push = next((row for row in self.rows if self.is_push_of(row, message_id)), None)
            if push is None:
                push = Row("", Stage.CALLBACK, PUSHES, message_id, now)
                self.rows.append(push)
            push.published.append(written.id)

    def is_push_of(self, row: Row, message_id: str) -> bool:
        return row.stage is Stage.CALLBACK and row.message_id == message_id

    @rule(target=claimed, stage=stages, lane=lanes, limit=st.integers(1, 4), now=st.just(NOW + 20) | moments)
    def claim(self, stage: Stage, lane: str, limit: int, now: int) -> Any:
        lane = PUSHES if stage is Stage.CALLBACK else lane
        free = [
            row
            for row in self.rows
            if (row.stage, row.lane) == (stage, lane) and row.visible_at <= now and row.free
        ]
        expected = sorted(free, key=lambda row: row.visible_at)[:limit]
        works: list[Work] = self.run(self.store.claim(stage, {lane: limit}, now, LEASE))
        assert [(work.message_id, work.body) for work in works] == [
            (row.message_id, row.name) for row in expected
        ]
        assert [work.tries for work in works] == [row.tries for row in expected]
        for row, work in zip(expected, works, strict=True):
            row.work, row.free = work, False
        return multiple(*works)

    @rule(work=claimed)
    def finish(self, work: Work) -> None:
        row = self.row_of(work)
        if work.stage is Stage.CALLBACK:
            self.finish_push(work, row)
            return
        assert self.apply(Finish(work), work=work) is (None if row else Refusal.LEASE_LOST)
        if row is not None:
            self.rows.remove(row)

    def finish_push(self, work: Work, row: Row | None) -> None:
        """Delivers what waited when the push was claimed, or a part of it."""
        if row is None:
            assert self.apply(FinishPush(work), work=work) is Refusal.LEASE_LOST
            return
        delivered, row.published = row.published[:2], row.published[2:]
        commands: list[Command] = []
        for callback_id in delivered:
            ended = self.run(self.store.find_callback(callback_id))
            ended.state = CallbackState.DELIVERED
            commands.append(EndCallback(ended))
        assert self.apply(*commands, FinishPush(work), work=work) is None
        row.work, row.free, row.tries = None, True, 0
        if not row.published:
            self.rows.remove(row)

    @rule(work=claimed, until=moments, tried=st.booleans())
    def postpone(self, work: Work, until: int, tried: bool) -> None:
        row = self.row_of(work)
        outcome = self.apply(Postpone(work, until, tried), work=work)
        assert outcome is (None if row else Refusal.LEASE_LOST)
        if row is not None:
            row.visible_at, row.work, row.free = until, None, True
            row.tries += tried

    @rule(work=claimed, other=claimed)
    def finish_two_at_once(self, work: Work, other: Work) -> None:
        """Of two changes in one batch each is refused or written by itself."""
        if Stage.CALLBACK in (work.stage, other.stage):
            return
        rows = [self.row_of(work), None if other is work else self.row_of(other)]
        outcomes = self.run(apply(self.store, [Change([Finish(each)], [each]) for each in (work, other)]))
        assert outcomes == [None if row else Refusal.LEASE_LOST for row in rows]
        self.rows = [row for row in self.rows if row not in rows]

    @rule(work=claimed)
    def fail_to_finish(self, work: Work) -> None:
        """A change that loses one of its claims writes nothing at all."""
        lost = Work(-1, work.stage, work.lane, work.message_id, NOW, "", 0, 1)
        never = Enqueue(Stage.DISPATCH, "a 1 t", MessageId(FIRST), "never", NOW)
        change = Change([Finish(work), never], [work, lost])
        assert self.run(apply(self.store, [change])) == [Refusal.LEASE_LOST]

    @rule(message_id=message_ids)
    def drop_timers(self, message_id: str) -> None:
        self.apply(DropTimers(MessageId(message_id)))
        self.rows = [row for row in self.rows if row.stage is not Stage.TIMER or row.message_id != message_id]

    @rule()
    def restart(self) -> None:
        self.run(self.store.close())
        self.store = self.database.open(durable=False, inline=True)
        # Its holder is dead; if it were not, it could still end what nobody else has claimed.
        for row in self.rows:
            row.free = True

    @invariant()
    def the_journal_has_the_rows_and_no_others(self) -> None:
        if not hasattr(self, "store"):
            return
        backlog = self.run(self.store.backlog())
        for stage in Stage:
            of_stage = [row for row in self.rows if row.stage is stage]
            assert backlog[stage] == len(of_stage)
            later = [row.visible_at for row in of_stage if row.visible_at > NOW + 9]
            assert self.run(self.store.next_due(stage, NOW + 9)) == min(later, default=None)
        assert self.run(self.store.earliest_due()) == min((row.visible_at for row in self.rows), default=None)


JournalMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=50, deadline=None)
TestJournal = JournalMachine.TestCase
