"""A batch of any length takes the same number of statements, and a row that waits costs a claim nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.claims import LEASE
from tests.model.messages import message
from tests.storage.databases import FIRST, LANE, NOW, callback, leg
from waypost.model.identifiers import AccountId, MessageId, MessageIds
from waypost.model.message.leg import Attempt
from waypost.storage.changes import (
    AddEvent,
    AddMessage,
    Change,
    ClaimNonce,
    Command,
    EndCallback,
    Enqueue,
    Finish,
    FinishPush,
    Publish,
    PutAttempt,
    PutLeg,
    RequireUnsuppressed,
)
from waypost.storage.records import CallbackState, Event, Stage
from waypost.storage.sqlite import SqliteStore

ROW_OF = MessageId(FIRST)


class CountingCursor:
    """Counts statements; an `executemany` is one."""

    def __init__(self, cursor: Any) -> None:
        self.statements: list[str] = []
        self._cursor = cursor

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        self.statements.append(sql)
        self._cursor.execute(sql, parameters)
        return self

    def executemany(self, sql: str, parameters: Any) -> Any:
        self.statements.append(sql)
        self._cursor.executemany(sql, parameters)
        return self

    def fetchall(self) -> Any:
        return self._cursor.fetchall()

    @property
    def rowcount(self) -> int:
        return int(self._cursor.rowcount)

    def close(self) -> None:
        self._cursor.close()

    def taken(self) -> list[str]:
        statements, self.statements = self.statements, []
        return statements


class CountedStore(SqliteStore):
    """A store that counts what it executes."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, durable=False)
        self.writes = CountingCursor(self._transactions._cursor)
        self._transactions._cursor = self.writes  # type: ignore[assignment]
        self.reads = CountingCursor(self._reader._connection.cursor())
        self._reader._connection = self.reads  # type: ignore[assignment]


def accept(message_id: MessageId) -> list[Command]:
    attempted = Attempt(
        message_id=message_id,
        leg=0,
        attempt=1,
        number=1,
        route="r",
        sender="20001",
        recipient="380501112233",
        started_at=NOW,
    )
    return [
        ClaimNonce("key", message_id.encode()[-16:], 100, range(98, 103)),
        RequireUnsuppressed(AccountId("1"), "viber", "20001", "380501112233"),
        AddMessage(message(message_id=message_id)),
        PutLeg(leg(message_id)),
        PutAttempt(attempted),
        AddEvent(Event(message_id, 0, NOW, "note", "accepted")),
        Enqueue(Stage.TIMER, "", message_id, "{}", NOW + 60_000),
        Enqueue(Stage.DISPATCH, LANE, message_id, "{}", NOW),
        Publish(callback(message_id)),
    ]


async def steps(store: CountedStore, message_ids: Sequence[MessageId]) -> dict[str, int]:
    """Accepts, claims, loads, ends and pushes messages; how many statements each step took."""
    counts: dict[str, int] = {}

    def count(step: str) -> None:
        counts[f"{step}, written"] = len(store.writes.taken())
        counts[f"{step}, read"] = len(store.reads.taken())

    store.writes.taken()
    outcomes = await store.apply([Change(accept(message_id)) for message_id in message_ids])
    assert outcomes == [None] * len(message_ids)
    count("accept")
    works = await store.claim(Stage.DISPATCH, {LANE: 500}, NOW, LEASE)
    count("claim")
    records = await store.load(message_ids)
    count("load")
    assert len(works) == len(records) == len(message_ids)
    changes = []
    for work in works:
        [ended] = records[work.message_id].legs
        version, ended.version = ended.version, ended.version + 1
        changes.append(Change([PutLeg(ended), Finish(work)], [work], work.message_id, version))
    assert await store.apply(changes) == [None] * len(message_ids)
    count("outcome")
    [(lane, _)] = await store.lanes(Stage.CALLBACK)
    pushes = await store.claim(Stage.CALLBACK, {lane: 500}, NOW, LEASE)
    waiting = {each.message_id: each for each in await store.waiting_callbacks(pushes)}
    count("claim of pushes")
    for each in waiting.values():
        each.state = CallbackState.DELIVERED
    changes = [Change([EndCallback(waiting[push.message_id]), FinishPush(push)], [push]) for push in pushes]
    assert await store.apply(changes) == [None] * len(message_ids)
    count("outcome of pushes")
    return counts


async def test_one_message_and_200_take_the_same_number_of_statements(tmp_path: Path) -> None:
    store = CountedStore(tmp_path / "waypost.db")
    ids = MessageIds(1, seed=0)
    one = await steps(store, [ids.next(NOW)])
    many = await steps(store, [ids.next(NOW) for _ in range(200)])
    assert many == one
    assert sum(one.values()) < 70
    await store.close()


@pytest.mark.parametrize("rows_in_lanes", [(20_000, 1), (10, 2_000)])
async def test_a_claim_looks_only_at_the_rows_that_it_gets(
    tmp_path: Path, rows_in_lanes: tuple[int, int]
) -> None:
    """Counted in steps of SQLite's machine, which no other load on this one changes."""
    rows, lanes = rows_in_lanes
    store = SqliteStore(tmp_path / "waypost.db", durable=False)

    async def steps_of_a_claim() -> int:
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1

        await store.apply([Change([Enqueue(Stage.DISPATCH, LANE, ROW_OF, "{}", NOW) for _ in range(10)])])
        store._transactions._connection.set_progress_handler(step, 20)
        works = await store.claim(Stage.DISPATCH, {LANE: 10}, NOW, LEASE)
        store._transactions._connection.set_progress_handler(None, 0)
        assert len(works) == 10
        await store.apply([Change([Finish(work)], [work]) for work in works])
        return steps

    empty = await steps_of_a_claim()
    for number in range(lanes):
        lane = LANE if lanes == 1 else f"other {number} transaction"
        later = NOW + 1 + (number if lanes > 1 else 0)
        commands = [Enqueue(Stage.DISPATCH, lane, ROW_OF, "{}", later) for _ in range(rows)]
        await store.apply([Change(commands)])
    assert await steps_of_a_claim() <= 1.2 * empty
    await store.close()
