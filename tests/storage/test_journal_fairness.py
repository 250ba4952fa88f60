"""Fairness of claims when much is due: no message waits for ever, and held rows hide nothing behind them."""

import asyncio

import pytest

from tests.storage.databases import FIRST, NOW, SECOND, THIRD, Database, callback, claim, enqueue
from waypost.model.identifiers import MessageId
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Stage, Work

STAGES = [stage for stage in Stage if stage is not Stage.CALLBACK]


def places(works: list[Work]) -> list[int]:
    """In which place each was written, as `enqueue` notes it in the body."""
    return [int(work.body[7:-1]) for work in works]


@pytest.mark.parametrize("stage", STAGES)
async def test_work_that_fails_again_and_again_does_not_keep_later_work_waiting(
    store: Store, stage: Stage
) -> None:
    await enqueue(store, NOW, NOW + 1, NOW + 2, stage=stage)
    claimed: list[int] = []
    for turn in range(6):
        now = NOW + 10 + turn
        [work] = await claim(store, stage, limit=1, now=now)
        claimed += places([work])
        await store.transact(lambda tx, work=work, now=now: tx.postpone(work, now + 1))  # type: ignore[misc]
    assert claimed == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(("tried", "tries"), [(True, [1, 2, 3]), (False, [0, 0, 0])])
async def test_only_what_was_tried_is_a_try_older(store: Store, tried: bool, tries: list[int]) -> None:
    await enqueue(store, NOW)
    counted: list[int] = []
    for _ in range(3):
        [work] = await claim(store)
        await store.transact(lambda tx, work=work: tx.postpone(work, NOW, tried=tried))  # type: ignore[misc]
        [again] = await claim(store)
        counted.append(again.tries)
        store.release([again])
    assert counted == tries


async def test_a_callback_that_was_not_tried_holds_its_message_back_all_the_same(store: Store) -> None:
    def write(tx: Transaction) -> None:
        for message_id in (FIRST, FIRST, SECOND):
            tx.add_callback(callback(message_id))

    await store.transact(write)
    [first] = await claim(store, Stage.CALLBACK, limit=1)
    await store.transact(lambda tx: tx.postpone(first, NOW + 60, tried=False))
    assert [work.message_id for work in await claim(store, Stage.CALLBACK, now=NOW + 59)] == [SECOND]
    assert [work.tries for work in await claim(store, Stage.CALLBACK, now=NOW + 60)] == [0, 0]


async def test_the_stages_do_not_use_up_each_others_limit(store: Store) -> None:
    for stage in STAGES:
        await enqueue(store, *[NOW] * 5, stage=stage)
    for stage in STAGES:
        assert len(await claim(store, stage, limit=3)) == 3
        assert store.in_flight(stage) == 3
    for stage in STAGES:
        assert len(await claim(store, stage, limit=3)) == 2


@pytest.mark.parametrize("held_back", [1, 40, 200])
async def test_a_message_with_a_long_line_of_callbacks_keeps_no_other_waiting(
    store: Store, held_back: int
) -> None:
    def write(tx: Transaction) -> None:
        for message_id in [FIRST] * held_back + [SECOND] * held_back + [THIRD]:
            tx.add_callback(callback(message_id))

    await store.transact(write)
    [first] = await claim(store, Stage.CALLBACK, limit=1)
    [second] = await claim(store, Stage.CALLBACK, limit=1)
    [third] = await claim(store, Stage.CALLBACK, limit=1)
    assert [first.message_id, second.message_id, third.message_id] == [FIRST, SECOND, THIRD]
    assert await claim(store, Stage.CALLBACK, limit=1) == []
    store.release([first])
    assert len(await claim(store, Stage.CALLBACK, limit=500)) == held_back


async def test_who_takes_at_the_same_moment_gets_other_rows(store: Store) -> None:
    await enqueue(store, *[NOW] * 30)
    taken = await asyncio.gather(*(store.claim(Stage.DISPATCH, 7, NOW) for _ in range(6)))
    rows = [work.seq for works in taken for work in works]
    assert len(rows) == len(set(rows)) == 30
    assert store.in_flight(Stage.DISPATCH) == 30


async def test_finished_and_new_work_of_one_change_are_seen_as_one(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)

    def change(tx: Transaction) -> None:
        tx.finish(work)
        tx.enqueue(Stage.TIMER, MessageId(FIRST), "{}", NOW + 60)
        tx.enqueue(Stage.RECEIPT, MessageId(""), "{}", NOW)

    await store.transact(change)
    assert await store.backlog() == dict.fromkeys(Stage, 0) | {Stage.TIMER: 1, Stage.RECEIPT: 1}
    assert await store.earliest_due() == NOW
    assert await store.next_due(Stage.TIMER, NOW) == NOW + 60


async def test_what_was_in_hand_when_the_process_ended_is_there_again(database: Database) -> None:
    store = database.open()
    await enqueue(store, NOW, NOW + 1)
    [held_back] = await claim(store, limit=1)
    assert store.in_flight(Stage.DISPATCH) == 1
    await store.close()
    reopened = database.open()
    assert reopened.in_flight(Stage.DISPATCH) == 0
    assert places(await claim(reopened, now=NOW + 1)) == [0, 1]
    # A row that a former process held is not let go by its hand.
    reopened.release([held_back])
    assert reopened.in_flight(Stage.DISPATCH) == 2
    await reopened.close()


@pytest.mark.parametrize("limit", [0, 1, 5])
async def test_an_empty_journal_has_nothing_for_anybody(store: Store, limit: int) -> None:
    for stage in Stage:
        assert await claim(store, stage, limit=limit) == []
        assert await store.next_due(stage, 0) is None
        assert store.in_flight(stage) == 0
    assert await store.earliest_due() is None
