"""The journal against a model of it: whatever is done, in whatever order, the two agree."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, rule

from tests.storage.databases import FIRST, NOW, SECOND, callback
from tests.storage.store_machine import StoreMachine
from waypost.model.identifiers import MessageId
from waypost.storage.contract import Transaction
from waypost.storage.records import Stage, Work

# Callbacks have the most rules, so they come more often; and few messages, so that rows meet.
stages = st.sampled_from([Stage.DISPATCH, Stage.TIMER, Stage.CALLBACK, Stage.CALLBACK])
message_ids = st.sampled_from([FIRST, SECOND])
moments = st.integers(NOW, NOW + 20)


class Row:
    """A row as the model has it; `name` is written in the body, for the store numbers rows as it likes."""

    def __init__(self, name: int, stage: Stage, message_id: str, visible_at: int) -> None:
        self.name = name
        self.stage = stage
        self.message_id = message_id
        self.visible_at = visible_at
        self.tries = 0
        self.work: Work | None = None


class JournalMachine(StoreMachine):
    """The store is also closed and opened again, which lets go of every row."""

    taken: Bundle[Work] = Bundle("taken")

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.names = 0

    def row_of(self, work: Work) -> Row | None:
        """The row, unless it has left this hand."""
        return next((row for row in self.rows if row.work is work), None)

    @rule(stage=st.sampled_from([Stage.DISPATCH, Stage.TIMER]), message_id=message_ids, visible_at=moments)
    def enqueue(self, stage: Stage, message_id: str, visible_at: int) -> None:
        self.names += 1
        self.write(lambda tx: tx.enqueue(stage, message_id, str(self.names), visible_at))
        self.rows.append(Row(self.names, stage, message_id, visible_at))

    @rule(message_id=message_ids, nows=st.lists(moments, min_size=1, max_size=4))
    def add_callbacks(self, message_id: str, nows: list[int]) -> None:
        for now in nows:
            self.add_callback(message_id, now)

    def add_callback(self, message_id: str, now: int) -> None:
        self.write(lambda tx: tx.add_callback(callback(message_id, created_at=now)))
        [*_, written] = self.run(self.store.list_callbacks())
        due = [row.visible_at for row in self.of(Stage.CALLBACK, message_id)]
        self.rows.append(Row(written.id, Stage.CALLBACK, message_id, max([now, *due])))

    def of(self, stage: Stage, message_id: str) -> list[Row]:
        return [row for row in self.rows if row.stage is stage and row.message_id == message_id]

    @rule(target=taken, stage=stages, limit=st.integers(1, 4), now=st.just(NOW + 20) | moments)
    def claim(self, stage: Stage, limit: int, now: int) -> Any:
        in_progress = {row.message_id for row in self.rows if row.stage is Stage.CALLBACK and row.work}
        free = [
            row
            for row in self.rows
            if row.stage is stage
            and row.visible_at <= now
            and row.work is None
            and not (stage is Stage.CALLBACK and row.message_id in in_progress)
        ]
        expected = sorted(free, key=lambda row: row.visible_at)[:limit]
        works: list[Work] = self.run(self.store.claim(stage, limit, now))
        assert [int(work.body) for work in works] == [row.name for row in expected]
        assert [work.tries for work in works] == [row.tries for row in expected]
        for row, work in zip(expected, works, strict=True):
            row.work = work
        return multiple(*works)

    @rule(work=taken)
    def finish(self, work: Work) -> None:
        row = self.row_of(work)
        if row is not None:
            self.write(lambda tx: tx.finish(work))
            self.rows.remove(row)

    @rule(work=taken, until=moments, tried=st.booleans())
    def postpone(self, work: Work, until: int, tried: bool) -> None:
        row = self.row_of(work)
        if row is None:
            return
        self.write(lambda tx: tx.postpone(work, until, tried=tried))
        row.visible_at, row.work = until, None
        row.tries += tried
        if row.stage is Stage.CALLBACK:
            for other in self.of(Stage.CALLBACK, row.message_id):
                other.visible_at = max(other.visible_at, until)

    @rule(work=taken)
    def release(self, work: Work) -> None:
        """Also what was finished, postponed or released before: that changes nothing."""
        self.store.release([work])
        row = self.row_of(work)
        if row is not None:
            row.work = None

    @rule(work=taken)
    def fail_to_finish(self, work: Work) -> None:
        def fails(tx: Transaction) -> None:
            tx.finish(work)
            tx.enqueue(Stage.DISPATCH, MessageId(FIRST), "never", NOW)
            raise ZeroDivisionError

        try:
            self.write(fails)
        except ZeroDivisionError:
            return
        raise AssertionError("it was to fail")

    @rule(message_id=message_ids)
    def drop_timers(self, message_id: str) -> None:
        timers = self.of(Stage.TIMER, message_id)
        # Whoever holds one finishes it; here at once, so that the model need not remember it.
        held = [row.work for row in timers if row.work is not None]

        def change(tx: Transaction) -> None:
            tx.drop_timers(MessageId(message_id))
            for work in held:
                tx.finish(work)

        self.write(change)
        self.rows = [row for row in self.rows if row not in timers]

    @rule()
    def restart(self) -> None:
        self.run(self.store.close())
        self.store = self.database.open(durable=False)
        for row in self.rows:
            row.work = None

    @invariant()
    def the_journal_has_the_rows_and_no_others(self) -> None:
        if not hasattr(self, "store"):
            return
        backlog = self.run(self.store.backlog())
        for stage in Stage:
            of_stage = [row for row in self.rows if row.stage is stage]
            assert backlog[stage] == len(of_stage)
            assert self.store.in_flight(stage) == sum(1 for row in of_stage if row.work is not None)
            later = [row.visible_at for row in of_stage if row.visible_at > NOW + 9]
            assert self.run(self.store.next_due(stage, NOW + 9)) == min(later, default=None)
        assert self.run(self.store.earliest_due()) == min((row.visible_at for row in self.rows), default=None)


JournalMachine.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
TestJournal = JournalMachine.TestCase
