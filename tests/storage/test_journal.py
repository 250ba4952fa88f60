"""The journal of pending work: which rows a claim gets, when, in what order, and for how long."""

import asyncio

import pytest

from tests.claims import LEASE
from tests.storage.databases import (
    FIRST,
    LANE,
    NOW,
    SECOND,
    THIRD,
    Database,
    callback,
    claim,
    count,
    enqueue,
    write,
)
from waypost.model.identifiers import NO_MESSAGE, MessageId
from waypost.model.message.lanes import callback_lane
from waypost.storage.changes import (
    Change,
    DropTimers,
    EndCallback,
    Enqueue,
    Finish,
    FinishPush,
    Postpone,
    Publish,
    Refusal,
    ReplayCallback,
)
from waypost.storage.contract import Store
from waypost.storage.records import CallbackState, Stage, Work


def places(works: list[Work]) -> list[int]:
    """In which place each was written, as `enqueue` notes it in the body."""
    return [int(work.body[7:-1]) for work in works]


async def finish(store: Store, *works: Work) -> list[object]:
    return list(await store.apply([Change([Finish(work)], [work]) for work in works]))


async def postpone(store: Store, work: Work, until: int, *, tried: bool = True) -> Refusal | None:
    return await write(store, Postpone(work, until, tried), works=[work])


async def test_work_is_taken_oldest_due_first_and_then_as_written(store: Store) -> None:
    await enqueue(store, NOW, NOW - 5, NOW, NOW - 9, NOW - 5)
    assert places(await claim(store)) == [3, 1, 4, 0, 2]


async def test_a_row_has_what_was_written(store: Store) -> None:
    await write(store, Enqueue(Stage.RECEIPT, "r", NO_MESSAGE, '{"a":"ü"}', NOW))
    [work] = await claim(store, Stage.RECEIPT)
    assert (work.stage, work.lane, work.message_id, work.body) == (Stage.RECEIPT, "r", "", '{"a":"ü"}')
    assert (work.visible_at, work.tries) == (NOW, 0)


async def test_work_is_not_taken_before_its_time(store: Store) -> None:
    await enqueue(store, NOW, NOW + 1, NOW + 2)
    assert places(await claim(store, now=NOW - 1)) == []
    assert places(await claim(store, now=NOW + 1)) == [0, 1]
    assert places(await claim(store, now=NOW + 2)) == [2]


async def test_a_stage_gets_only_its_own_work(store: Store) -> None:
    for stage in Stage:
        await enqueue(store, NOW, stage=stage)
    for stage in Stage:
        assert [work.stage for work in await claim(store, stage)] == [stage]


async def test_each_lane_gets_what_it_may_have_in_one_claim(store: Store) -> None:
    for lane in ("a 1 t", "b 1 t", "c 1 t"):
        await enqueue(store, *[NOW] * 5, lane=lane)
    works = await store.claim(Stage.DISPATCH, {"a 1 t": 1, "b 1 t": 4}, NOW, LEASE)
    assert sorted((work.lane, place) for work, place in zip(works, places(works), strict=True)) == [
        ("a 1 t", 0),
        ("b 1 t", 0),
        ("b 1 t", 1),
        ("b 1 t", 2),
        ("b 1 t", 3),
    ]


async def test_no_more_is_claimed_than_the_limit_and_the_rest_is_next(store: Store) -> None:
    await enqueue(store, *[NOW] * 5)
    assert places(await claim(store, limit=2)) == [0, 1]
    assert places(await claim(store, limit=2)) == [2, 3]
    assert places(await claim(store, limit=2)) == [4]


async def test_a_claimed_row_is_in_no_other_claim(store: Store) -> None:
    await enqueue(store, NOW, NOW)
    assert len(await claim(store)) == 2
    assert await claim(store) == []
    assert await count(store) == 2


async def test_claims_of_the_same_moment_get_different_rows(store: Store) -> None:
    await enqueue(store, *[NOW] * 30)
    claims = await asyncio.gather(*(store.claim(Stage.DISPATCH, {LANE: 7}, NOW, LEASE) for _ in range(6)))
    rows = [work.seq for works in claims for work in works]
    assert len(rows) == len(set(rows)) == 30
    fences = {work.fence for works in claims for work in works}
    assert len(fences) == 5


async def test_claimed_rows_hide_nothing_that_is_due_after_them(store: Store) -> None:
    await enqueue(store, *[NOW] * 20)
    for place in range(20):
        assert places(await claim(store, limit=1)) == [place]


async def test_a_finished_row_is_gone(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)
    assert await finish(store, work) == [None]
    assert await count(store) == 0
    assert await finish(store, work) == [Refusal.LEASE_LOST]


async def test_of_two_changes_that_finish_a_row_one_is_written(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)
    assert await finish(store, work, work) == [None, Refusal.LEASE_LOST]


async def test_a_change_whose_claim_was_lost_writes_nothing_else(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)
    await finish(store, work)
    follow = Enqueue(Stage.TIMER, "", MessageId(FIRST), "{}", NOW)
    assert await write(store, Finish(work), follow, works=[work]) is Refusal.LEASE_LOST
    assert await count(store) == 0


async def test_a_postponed_row_comes_back_at_its_time_one_try_older(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)
    assert await postpone(store, work, NOW + 500) is None
    assert await claim(store, now=NOW + 499) == []
    [again] = await claim(store, now=NOW + 500)
    assert (again.seq, again.tries, again.visible_at) == (work.seq, 1, NOW + 500)
    assert again.fence > work.fence


async def test_who_postpones_holds_the_row_no_more(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)
    await postpone(store, work, NOW, tried=False)
    assert await finish(store, work) == [Refusal.LEASE_LOST]
    [again] = await claim(store)
    assert again.tries == 0
    assert await finish(store, again) == [None]


async def test_the_id_of_a_row_is_never_used_again(database: Database) -> None:
    seqs: list[int] = []
    for _ in range(3):
        store = database.open(durable=False)
        for _ in range(2):
            await enqueue(store, NOW)
            [work] = await claim(store)
            await finish(store, work)
            seqs += [work.seq, work.fence]
        await store.close()
    assert sorted(set(seqs)) == seqs


async def test_a_row_written_with_its_claim_is_its_writers(store: Store) -> None:
    lease = store.lease(LEASE)
    await write(store, Enqueue(Stage.DISPATCH, LANE, MessageId(FIRST), "{}", NOW, lease))
    assert await claim(store) == []
    held = Work(lease.seq, Stage.DISPATCH, LANE, MessageId(FIRST), NOW, "{}", 0, lease.fence, lease.deadline)
    assert await finish(store, held) == [None]
    assert await count(store) == 0


async def test_work_written_when_other_work_is_finished_can_be_taken(store: Store) -> None:
    await enqueue(store, NOW)
    [work] = await claim(store)
    following = Enqueue(Stage.DISPATCH, LANE, MessageId(FIRST), '{"leg":1}', NOW)
    await write(store, Finish(work), following, works=[work])
    assert places(await claim(store)) == [1]


async def test_a_messages_timers_are_dropped_and_nothing_else(store: Store) -> None:
    for message_id in (FIRST, SECOND):
        await enqueue(store, NOW, NOW + 9, stage=Stage.TIMER, message_id=message_id)
    await enqueue(store, NOW, message_id=FIRST)
    await write(store, DropTimers(MessageId(FIRST)))
    assert await store.find_timers(MessageId(FIRST)) == []
    assert [timer.visible_at for timer in await store.find_timers(MessageId(SECOND))] == [NOW, NOW + 9]
    assert (await store.backlog())[Stage.DISPATCH] == 1


async def test_a_timer_dropped_while_it_is_claimed_is_its_holders_no_more(store: Store) -> None:
    await enqueue(store, NOW, stage=Stage.TIMER)
    [timer] = await claim(store, Stage.TIMER)
    await write(store, DropTimers(MessageId(FIRST)))
    await enqueue(store, NOW, stage=Stage.TIMER, message_id=SECOND)
    assert await finish(store, timer) == [Refusal.LEASE_LOST]
    assert [work.message_id for work in await claim(store, Stage.TIMER)] == [SECOND]


async def test_the_next_due_time_is_the_earliest_after_a_moment(store: Store) -> None:
    assert await store.next_due(Stage.DISPATCH, NOW) is None
    assert await store.earliest_due() is None
    await enqueue(store, NOW + 5, NOW + 3)
    await enqueue(store, NOW, lane="other 1 transaction")
    await enqueue(store, NOW + 1, stage=Stage.TIMER)
    assert await store.next_due(Stage.DISPATCH, NOW - 1) == NOW
    assert await store.next_due(Stage.DISPATCH, NOW) == NOW + 3
    assert await store.next_due(Stage.DISPATCH, NOW + 3) == NOW + 5
    assert await store.next_due(Stage.DISPATCH, NOW + 5) is None
    assert await store.next_due(Stage.TIMER, NOW) == NOW + 1


async def test_the_earliest_due_time_counts_claimed_rows_too(store: Store) -> None:
    await enqueue(store, NOW + 5)
    await enqueue(store, NOW, stage=Stage.TIMER)
    [timer] = await claim(store, Stage.TIMER)
    assert await store.earliest_due() == NOW
    await finish(store, timer)
    assert await store.earliest_due() == NOW + 5


async def test_the_lanes_of_a_stage_come_with_their_earliest_due_time(store: Store) -> None:
    assert await store.lanes(Stage.DISPATCH) == []
    await enqueue(store, NOW + 5, NOW, lane="a 1 t")
    await enqueue(store, NOW + 1, lane="b 1 t")
    await enqueue(store, NOW + 2, stage=Stage.TIMER, lane="")
    assert await store.lanes(Stage.DISPATCH) == [("a 1 t", NOW), ("b 1 t", NOW + 1)]
    assert await store.lanes(Stage.DISPATCH, NOW) == [("a 1 t", NOW + 5), ("b 1 t", NOW + 1)]
    assert await store.lanes(Stage.TIMER) == [("", NOW + 2)]
    assert await store.next_dues(Stage.DISPATCH, ["a 1 t", "none"], NOW) == {
        "a 1 t": NOW + 5,
        "none": None,
    }


async def test_who_listens_hears_of_new_work_and_of_work_that_is_free_again(store: Store) -> None:
    heard: list[tuple[str, int]] = []
    others: list[tuple[str, int]] = []
    store.listen(Stage.DISPATCH, lambda lane, due: heard.append((lane, due)))
    store.listen(Stage.TIMER, lambda lane, due: others.append((lane, due)))
    # Of a transaction the earliest row of each lane: what comes later is looked up when that is claimed.
    await enqueue(store, NOW + 1, NOW, NOW + 2)
    assert heard == [(LANE, NOW)]
    [first] = await claim(store)
    assert len(heard) == 1
    await postpone(store, first, NOW + 9)
    assert heard[1:] == [(LANE, NOW + 9)]
    # What its writer holds is nobody's to claim.
    lease = store.lease(LEASE)
    await write(store, Enqueue(Stage.DISPATCH, LANE, MessageId(FIRST), "{}", NOW, lease))
    assert len(heard) == 2
    assert others == []


async def test_the_backlog_counts_every_stage(store: Store) -> None:
    await enqueue(store, NOW, NOW + 99)
    await enqueue(store, NOW, stage=Stage.TIMER)
    await claim(store)
    assert await store.backlog() == dict.fromkeys(Stage, 0) | {Stage.DISPATCH: 2, Stage.TIMER: 1}


async def publish(store: Store, *message_ids: str, at: int = NOW) -> None:
    await write(store, *(Publish(callback(message_id, created_at=at)) for message_id in message_ids))


async def ids(store: Store, works: list[Work]) -> list[int]:
    return [each.id for each in await store.waiting_callbacks(works)]


async def deliver(store: Store, work: Work, *delivered: int) -> None:
    """Ends callbacks of a push, and the push."""
    commands = []
    for callback_id in delivered:
        found = await store.find_callback(callback_id)
        assert found is not None
        found.state = CallbackState.DELIVERED
        commands.append(EndCallback(found))
    assert await write(store, *commands, FinishPush(work), works=[work]) is None


async def test_callbacks_of_a_message_are_one_push_in_their_order(store: Store) -> None:
    await publish(store, FIRST, SECOND, FIRST, FIRST)
    works = await claim(store, Stage.CALLBACK)
    assert [work.message_id for work in works] == [FIRST, SECOND]
    assert {work.lane for work in works} == {callback_lane(callback().account_id, callback().url)}
    assert await ids(store, works[:1]) == [1, 3, 4]
    assert await ids(store, works) == [1, 2, 3, 4]


async def test_callbacks_published_while_a_push_is_under_way_wait_for_its_end(store: Store) -> None:
    await publish(store, FIRST, FIRST)
    [push] = await claim(store, Stage.CALLBACK)
    assert await ids(store, [push]) == [1, 2]
    await publish(store, FIRST)
    assert await claim(store, Stage.CALLBACK) == []
    await deliver(store, push, 1, 2)
    [following] = await claim(store, Stage.CALLBACK)
    assert await ids(store, [following]) == [3]
    await deliver(store, following, 3)
    assert await count(store) == 0


async def test_a_postponed_push_holds_back_the_later_ones_of_its_message_only(store: Store) -> None:
    await publish(store, FIRST, FIRST, SECOND)
    first, second = await claim(store, Stage.CALLBACK)
    await postpone(store, first, NOW + 60)
    await deliver(store, second, 3)
    await publish(store, FIRST, SECOND, at=NOW + 1)
    [push] = await claim(store, Stage.CALLBACK, now=NOW + 59)
    assert await ids(store, [push]) == [5]
    [push] = await claim(store, Stage.CALLBACK, now=NOW + 60)
    assert (await ids(store, [push]), push.tries) == ([1, 2, 4], 1)


async def test_callbacks_of_a_message_to_two_urls_are_two_pushes(store: Store) -> None:
    other = callback(FIRST)
    other.url = "http://127.0.0.1:2/"
    await write(store, Publish(callback(FIRST)), Publish(other))
    works = await claim(store, Stage.CALLBACK)
    assert len({work.lane for work in works}) == 2


async def test_inbound_callbacks_wait_for_no_other(store: Store) -> None:
    await publish(store, "", "", "")
    [first] = await claim(store, Stage.CALLBACK, limit=1)
    assert await ids(store, await claim(store, Stage.CALLBACK)) == [2, 3]
    await postpone(store, first, NOW + 60)
    await publish(store, "")
    assert await ids(store, await claim(store, Stage.CALLBACK)) == [4]


async def test_a_message_with_many_callbacks_hides_no_other_message(store: Store) -> None:
    await publish(store, *[FIRST] * 50, SECOND, THIRD)
    assert [work.message_id for work in await claim(store, Stage.CALLBACK, limit=1)] == [FIRST]
    works = await claim(store, Stage.CALLBACK, limit=2)
    assert await ids(store, works) == [51, 52]


async def test_a_replayed_callback_waits_again_with_tries_from_0(store: Store) -> None:
    await publish(store, FIRST)
    [push] = await claim(store, Stage.CALLBACK)
    await deliver(store, push, 1)
    found = await store.find_callback(1)
    assert found is not None
    found.tries = 4
    await write(store, ReplayCallback(found, "http://127.0.0.1:2/", NOW))
    [again] = await claim(store, Stage.CALLBACK)
    assert await ids(store, [again]) == [1]
    replayed = await store.find_callback(1)
    assert replayed is not None
    assert (replayed.url, replayed.tries, replayed.state) == (
        "http://127.0.0.1:2/",
        0,
        CallbackState.WAITING,
    )


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CALLBACK])
async def test_work_that_fails_again_and_again_does_not_keep_later_work_waiting(
    store: Store, stage: Stage
) -> None:
    await enqueue(store, NOW, NOW + 1, NOW + 2, stage=stage)
    claimed: list[int] = []
    for turn in range(6):
        now = NOW + 10 + turn
        [work] = await claim(store, stage, limit=1, now=now)
        claimed += places([work])
        await postpone(store, work, now)
    assert claimed == [0, 1, 2, 0, 1, 2]


async def test_what_was_claimed_when_the_process_ended_is_there_again(database: Database) -> None:
    store = database.open()
    await enqueue(store, NOW, NOW + 1)
    [held] = await claim(store, limit=1)
    await store.close()
    reopened = database.open()
    assert places(await claim(reopened, now=NOW + 1)) == [0, 1]
    assert await finish(reopened, held) == [Refusal.LEASE_LOST]
    await reopened.close()


async def test_an_empty_journal_has_nothing_for_anybody(store: Store) -> None:
    for stage in Stage:
        assert await claim(store, stage) == []
        assert await store.claim(stage, {"": 5}, NOW, LEASE) == []
        assert await store.next_due(stage, 0) is None
    assert await store.earliest_due() is None
