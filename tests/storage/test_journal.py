"""The journal of pending work: which rows a claim gets, when, and in what order."""

import asyncio

import pytest

from tests.storage.databases import (
    FIRST,
    NOW,
    SECOND,
    THIRD,
    callback,
    claim,
    count,
    enqueue,
)
from waypost.model.identifiers import MessageId
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Stage, Work


def places(works: list[Work]) -> list[int]:
    """In which place each was written, as `enqueue` notes it in the body."""
    return [int(work.body[7:-1]) for work in works]


async def test_work_is_taken_oldest_due_first_and_then_as_written(store: Store) -> None:
    await enqueue(store, NOW, NOW - 5, NOW, NOW - 9, NOW - 5)
    assert places(await claim(store)) == [3, 1, 4, 0, 2]


async def test_a_row_has_what_was_written(store: Store) -> None:
    await store.transact(lambda tx: tx.enqueue(Stage.RECEIPT, MessageId(""), '{"a":"ü"}', NOW))
    [work] = await claim(store, Stage.RECEIPT)
    assert (work.stage, work.message_id, work.body) == (Stage.RECEIPT, "", '{"a":"ü"}')
    assert (work.visible_at, work.tries) == (NOW, 0)


async def test_work_is_not_taken_before_its_time(store: Store) -> None:
    await enqueue(store, NOW, NOW + 1, NOW + 2)
    assert places(await claim(store, now=NOW - 1)) == []
    assert places(await claim(store, now=NOW + 1)) == [0, 1]
    assert places(await claim(store, now=NOW + 2)) == [2]


async def test_a_stage_gets_only_its_own_work(store: Store) -> None:
    for stage in Stage:
        await store.transact(lambda tx, stage=stage: tx.enqueue(stage, FIRST, "1", NOW))  # type: ignore[misc]
    for stage in Stage:
        assert [work.stage for work in await claim(store, stage)] == [stage]


async def test_no_more_is_claimed_than_the_limit_and_the_rest_is_next(store: Store) -> None:
    await enqueue(store, *[NOW] * 5)
    assert places(await claim(store, limit=2)) == [0, 1]
    assert places(await claim(store, limit=2)) == [2, 3]
    assert places(await claim(store, limit=2)) == [4]


async def test_a_row_in_hand_is_in_no_other(store: Store) -> None:
    await enqueue(store, NOW, NOW)
    assert len(await claim(store)) == 2
    assert await claim(store) == []
    assert store.in_flight(Stage.DISPATCH) == 2
    assert await count(store) == 2


async def test_rows_in_hand_hide_nothing_that_is_due_after_them(store: Store) -> None:
    await enqueue(store, *[NOW] * 20)
    for place in range(20):
        assert places(await claim(store, limit=1)) == [place]


async def test_a_finished_row_is_gone(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)
    await store.transact(lambda tx: tx.finish(work))
    assert store.in_flight(Stage.DISPATCH) == 0
    assert await count(store) == 0


async def test_a_row_stays_in_hand_until_its_end_is_durable(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)

    def fails(tx: Transaction) -> None:
        tx.finish(work)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await store.transact(fails)
    assert store.in_flight(Stage.DISPATCH) == 1
    assert await claim(store) == []
    store.release([work])
    assert await claim(store) == [work]


async def test_a_postponed_row_comes_back_at_its_time_one_try_older(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)
    await store.transact(lambda tx: tx.postpone(work, NOW + 500))
    assert store.in_flight(Stage.DISPATCH) == 0
    assert await claim(store, now=NOW + 499) == []
    [again] = await claim(store, now=NOW + 500)
    assert (again.seq, again.tries, again.visible_at) == (work.seq, 1, NOW + 500)


async def test_released_work_can_be_claimed_again_unchanged(store: Store) -> None:
    await enqueue(store, NOW, NOW)
    works = await claim(store)
    store.release(works)
    assert store.in_flight(Stage.DISPATCH) == 0
    assert await claim(store) == works


async def test_who_gives_back_late_does_not_let_go_of_what_others_hold(store: Store) -> None:
    await enqueue(store, NOW)
    [first] = await claim(store)
    store.release([first])
    [second] = await claim(store)
    store.release([first])
    assert await claim(store) == []
    await store.transact(lambda tx: tx.finish(second))
    # The id of the deleted row may be used again.
    await enqueue(store, NOW)
    [third] = await claim(store)
    store.release([first, second])
    assert await claim(store) == []
    assert store.in_flight(Stage.DISPATCH) == 1
    store.release([third])
    assert store.in_flight(Stage.DISPATCH) == 0


async def test_work_written_when_other_work_is_finished_can_be_taken(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)

    def follow(tx: Transaction) -> None:
        tx.finish(work)
        tx.enqueue(Stage.DISPATCH, MessageId(FIRST), '{"leg":1}', NOW)

    await store.transact(follow)
    assert places(await claim(store)) == [1]


async def test_a_messages_timers_are_dropped_and_nothing_else(store: Store) -> None:
    for message_id in (FIRST, SECOND):
        await enqueue(store, NOW, NOW + 9, stage=Stage.TIMER, message_id=message_id)
    await enqueue(store, NOW, message_id=FIRST)
    await store.transact(lambda tx: tx.drop_timers(MessageId(FIRST)))
    assert await store.find_timers(MessageId(FIRST)) == []
    assert [timer.visible_at for timer in await store.find_timers(MessageId(SECOND))] == [NOW, NOW + 9]
    assert (await store.backlog())[Stage.DISPATCH] == 1


async def test_a_timer_dropped_while_in_hand_is_finished_without_harm(store: Store) -> None:
    await enqueue(store, NOW, stage=Stage.TIMER)
    [timer] = await claim(store, Stage.TIMER)
    await store.transact(lambda tx: tx.drop_timers(MessageId(FIRST)))
    await enqueue(store, NOW, stage=Stage.TIMER, message_id=SECOND)
    await store.transact(lambda tx: tx.finish(timer))
    assert store.in_flight(Stage.TIMER) == 0
    assert [work.message_id for work in await claim(store, Stage.TIMER)] == [SECOND]


async def test_the_next_due_time_is_the_earliest_after_a_moment(store: Store) -> None:
    assert await store.next_due(Stage.DISPATCH, NOW) is None
    assert await store.earliest_due() is None
    await enqueue(store, NOW + 5, NOW + 3, NOW)
    await enqueue(store, NOW + 1, stage=Stage.TIMER)
    assert await store.next_due(Stage.DISPATCH, NOW - 1) == NOW
    assert await store.next_due(Stage.DISPATCH, NOW) == NOW + 3
    assert await store.next_due(Stage.DISPATCH, NOW + 3) == NOW + 5
    assert await store.next_due(Stage.DISPATCH, NOW + 5) is None
    assert await store.next_due(Stage.TIMER, NOW) == NOW + 1


async def test_the_earliest_due_time_counts_rows_in_hand_too(store: Store) -> None:
    await enqueue(store, NOW + 5)
    await enqueue(store, NOW, stage=Stage.TIMER)
    [timer] = await claim(store, Stage.TIMER)
    assert await store.earliest_due() == NOW
    await store.transact(lambda tx: tx.finish(timer))
    assert await store.earliest_due() == NOW + 5


async def test_a_stage_is_woken_by_new_work_and_by_work_let_go(store: Store) -> None:
    woken, others = asyncio.Event(), asyncio.Event()
    store.wake_on(Stage.DISPATCH, woken)
    store.wake_on(Stage.TIMER, others)

    async def wakes() -> bool:
        await asyncio.sleep(0)
        was = woken.is_set()
        woken.clear()
        return was

    await enqueue(store, NOW, NOW)
    assert await wakes()
    first, second = await claim(store)
    assert not await wakes()
    store.release([first])
    assert await wakes()
    await store.transact(lambda tx: tx.postpone(second, NOW + 9))
    assert await wakes()
    await store.clear()
    assert await wakes()
    others.clear()
    await enqueue(store, NOW)
    assert not others.is_set()


async def test_the_backlog_counts_every_stage(store: Store) -> None:
    await enqueue(store, NOW, NOW + 99)
    await enqueue(store, NOW, stage=Stage.TIMER)
    await claim(store)
    assert await store.backlog() == dict.fromkeys(Stage, 0) | {Stage.DISPATCH: 2, Stage.TIMER: 1}


async def add_callbacks(store: Store, *message_ids: str, at: int = NOW) -> None:
    def change(tx: Transaction) -> None:
        for message_id in message_ids:
            tx.add_callback(callback(message_id, created_at=at))

    await store.transact(change)


def ids(works: list[Work]) -> list[int]:
    return [int(work.body) for work in works]


async def test_callbacks_of_a_message_are_claimed_in_one_batch_and_in_order(store: Store) -> None:
    await add_callbacks(store, FIRST, SECOND, FIRST, FIRST)
    assert ids(await claim(store, Stage.CALLBACK)) == [1, 2, 3, 4]


async def test_callbacks_of_a_message_are_never_in_two_hands(store: Store) -> None:
    await add_callbacks(store, FIRST, FIRST, FIRST, SECOND)
    first = await claim(store, Stage.CALLBACK, limit=1)
    assert ids(first) == [1]
    assert ids(await claim(store, Stage.CALLBACK)) == [4]
    await add_callbacks(store, FIRST)
    assert await claim(store, Stage.CALLBACK) == []
    store.release(first)
    assert ids(await claim(store, Stage.CALLBACK)) == [1, 2, 3, 5]


async def test_half_of_a_messages_callbacks_let_go_still_hold_the_rest(store: Store) -> None:
    await add_callbacks(store, FIRST, FIRST, FIRST)
    first, second = await claim(store, Stage.CALLBACK, limit=2)
    await store.transact(lambda tx: tx.finish(first))
    assert await claim(store, Stage.CALLBACK) == []
    await store.transact(lambda tx: tx.finish(second))
    assert ids(await claim(store, Stage.CALLBACK)) == [3]


async def test_a_postponed_callback_holds_back_the_later_ones_of_its_message_only(store: Store) -> None:
    await add_callbacks(store, FIRST, FIRST, SECOND)
    first, *others = await claim(store, Stage.CALLBACK, limit=1)
    assert others == []
    await store.transact(lambda tx: tx.postpone(first, NOW + 60))
    await add_callbacks(store, FIRST, at=NOW + 1)
    assert ids(await claim(store, Stage.CALLBACK, now=NOW + 59)) == [3]
    works = await claim(store, Stage.CALLBACK, now=NOW + 60)
    assert ids(works) == [1, 2, 4]
    assert [work.tries for work in works] == [1, 0, 0]


async def test_a_callback_written_when_the_clock_went_back_still_comes_last(store: Store) -> None:
    await add_callbacks(store, FIRST, at=NOW + 10)
    await add_callbacks(store, FIRST, at=NOW)
    assert await claim(store, Stage.CALLBACK, now=NOW + 9) == []
    assert ids(await claim(store, Stage.CALLBACK, now=NOW + 10)) == [1, 2]


async def test_inbound_callbacks_wait_for_no_other(store: Store) -> None:
    await add_callbacks(store, "", "", "")
    first = await claim(store, Stage.CALLBACK, limit=1)
    assert ids(await claim(store, Stage.CALLBACK)) == [2, 3]
    await store.transact(lambda tx: tx.postpone(first[0], NOW + 60))
    await add_callbacks(store, "")
    assert ids(await claim(store, Stage.CALLBACK)) == [4]


async def test_a_message_with_many_callbacks_in_hand_hides_no_other_message(store: Store) -> None:
    await add_callbacks(store, *[FIRST] * 50, SECOND, THIRD)
    assert ids(await claim(store, Stage.CALLBACK, limit=1)) == [1]
    assert ids(await claim(store, Stage.CALLBACK, limit=2)) == [51, 52]


async def test_a_replayed_callback_comes_after_the_others_of_its_message(store: Store) -> None:
    await add_callbacks(store, FIRST)
    [claimed] = await claim(store, Stage.CALLBACK)
    await store.transact(lambda tx: tx.finish(claimed))
    await add_callbacks(store, FIRST)

    def replay(tx: Transaction) -> None:
        found = tx.callback(1)
        assert found is not None
        tx.replay_callback(found, "http://127.0.0.1:2/", NOW)

    await store.transact(replay)
    assert ids(await claim(store, Stage.CALLBACK)) == [2, 1]
    replayed = await store.find_callback(1)
    assert replayed is not None
    assert (replayed.url, replayed.tries, replayed.state.value) == ("http://127.0.0.1:2/", 0, "waiting")
