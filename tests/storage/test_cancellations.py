"""Legs that are cancelled set by set: found in the order of claims, each by an index."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.model.messages import message
from tests.storage.databases import FIRST, NOW, Database, Sqlite, enqueue, leg, write
from waypost.model.identifiers import AccountId, MessageId, first_of
from waypost.model.message.cancellation import CancelFilter
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.storage.backlogs import Place
from waypost.storage.cancellations import KEPT_MS, WaitingLegs
from waypost.storage.changes import AddMessage, Change, Enqueue, PutLeg, Refusal
from waypost.storage.contract import Store
from waypost.storage.records import Stage
from waypost.storage.statements import Statements

LANE = "viber 1 transaction"
FILTERS = CancelFilter(account_id=AccountId("1"))
BEFORE = MessageId("9" * 25)


def ids(number: int) -> MessageId:
    return MessageId(str(int(FIRST) + 1000 * number))


async def add(store: Store, number: int, *, visible_at: int = NOW, state: LegState = LegState.QUEUED) -> None:
    message_id = ids(number)
    added = message(message_id=message_id, account_id=AccountId("1"))
    of_leg = leg(message_id)
    of_leg.state = state
    await write(
        store,
        AddMessage(added),
        PutLeg(of_leg),
        Enqueue(Stage.DISPATCH, LANE, message_id, "{}", visible_at),
    )


def ids_of(legs: WaitingLegs) -> list[str]:
    """The messages of legs, as many as it says."""
    found: list[str] = json.loads(legs.message_ids)
    assert len(found) == legs.size
    return found


async def test_what_waits_comes_in_the_order_of_claims_some_rows_at_a_time(store: Store) -> None:
    for number, visible_at in ((0, NOW + 2), (1, NOW), (2, NOW + 1), (3, NOW + 2)):
        await add(store, number, visible_at=visible_at)
    await add(store, 4, visible_at=NOW + 3, state=LegState.SUBMITTING)
    chunks = [store.cancellations.waiting(FILTERS, BEFORE, LANE, Place(), 2)]
    while (until := chunks[-1].until) is not None:
        chunks.append(store.cancellations.waiting(FILTERS, BEFORE, LANE, until, 2))
    assert [sorted(ids_of(chunk.legs)) for chunk in chunks] == [[ids(1), ids(2)], [ids(0), ids(3)], []]
    assert ids_of(store.cancellations.waiting(FILTERS, ids(1), LANE, Place(), 9).legs) == [ids(0)]


async def test_a_leg_that_was_handed_on_meanwhile_is_not_ended(store: Store) -> None:
    await add(store, 0)
    await add(store, 1)
    id_ = await store.transact(lambda t: t.cancellations.add(FILTERS, BEFORE, "cli/root", NOW))
    legs = store.cancellations.waiting(FILTERS, BEFORE, LANE, Place(), 9).legs
    taken = leg(ids(0))
    taken.state, taken.version = LegState.SUBMITTING, 1
    await write(store, PutLeg(taken))
    assert await store.transact(lambda t: t.cancellations.end_legs(id_, legs, NOW + 5)) == 1
    assert await store.transact(lambda t: t.cancellations.end_legs(id_, legs, NOW + 5)) == 0
    [left], [ended] = await store.find_legs(ids(0)), await store.find_legs(ids(1))
    assert left.state is LegState.SUBMITTING
    assert (ended.state, ended.code, ended.updated_at) == (LegState.FAILED, "CANCELLED", NOW + 5)
    assert ended.text == SendFailure.CANCELLED.facts.customer_text


@pytest.mark.parametrize("number", [0, 1])
async def test_a_decision_that_was_made_before_is_refused(store: Store, number: int) -> None:
    await add(store, 0, state=LegState.FAILED if number else LegState.QUEUED)
    if number:
        await write(store, PutLeg(leg(ids(0), 1)))
    id_ = await store.transact(lambda t: t.cancellations.add(FILTERS, BEFORE, "cli/root", NOW))
    await write(store, Enqueue(Stage.DISPATCH, LANE, ids(0), json.dumps({"leg": number}), NOW))
    legs = store.cancellations.waiting(FILTERS, BEFORE, LANE, Place(), 9).legs
    assert await store.transact(lambda t: t.cancellations.end_legs(id_, legs, NOW)) == 1
    assert await store.apply([Change([], (), ids(0), 0)]) == [Refusal.CHANGED]
    assert (await store.find_legs(ids(0)))[number].state is LegState.FAILED


async def test_what_is_done_is_kept_for_a_while(store: Store) -> None:
    first = await store.transact(lambda t: t.cancellations.add(FILTERS, first_of(NOW), "cli/root", NOW))
    assert [one.id for one in await store.cancellations.open()] == [first]
    await store.transact(lambda t: t.cancellations.end(first, 3, NOW + 1))
    await store.transact(lambda t: t.cancellations.finish(first, NOW + 2))
    found = await store.cancellations.find(first)
    assert found is not None
    assert (found.state, found.with_provider, found.filter) == ("done", 3, FILTERS)
    assert await store.cancellations.open() == []
    await store.transact(lambda t: t.cancellations.add(FILTERS, BEFORE, "cli/root", NOW + 1 + KEPT_MS))
    assert await store.cancellations.find(first) is not None
    await store.transact(lambda t: t.cancellations.add(FILTERS, BEFORE, "cli/root", NOW + 2 + KEPT_MS))
    assert await store.cancellations.find(first) is None


async def test_each_row_is_found_by_an_index(store: Store, database: Database) -> None:
    await enqueue(store, lane=LANE)
    sql = Statements().cancellations
    values: dict[str, Any] = dict.fromkeys(("stage", "lane", "visible_at", "seq", "before", "account_id"), 1)
    values |= dict.fromkeys(("skipped", "until_visible_at", "until_seq"), 1)
    values |= {"limit": 9, "task_id": "", "now": 1, "of_shard": 0, "ids": json.dumps([])}
    assert isinstance(database, Sqlite)
    with closing(sqlite3.connect(database.path)) as connection:
        for statement in (
            sql.last_place,
            sql.selects["waiting task_id"],
            sql.selects["in_line task_id"],
            sql.selects["started task_id"],
            sql.mark,
            sql.selects["to_publish"],
            sql.end_legs,
            sql.end_later_legs,
            sql.change_version,
        ):
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            searches = [step for step in plan if step.startswith("SEARCH")]
            assert searches, plan
            for step in searches:
                assert "message_id=?" in step or "lane=? AND visible_at>?" in step, plan
            sorted_for = [step for step in plan if "TEMP B-TREE" in step]
            # What is followed is grouped; nothing is put in order.
            is_grouped = statement == sql.selects["started task_id"]
            assert sorted_for == (["USE TEMP B-TREE FOR GROUP BY"] if is_grouped else []), plan
            # A leg that is written is found at once, not by way of an index that it changes.
            assert statement.startswith("SELECT") or "USING PRIMARY KEY" in searches[0], plan
