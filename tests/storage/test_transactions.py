"""A transaction is written whole or not at all; many share a flush, and none fails for another's error."""

import asyncio

import pytest

from tests.model.messages import message
from tests.storage.databases import (
    FIRST,
    LANE,
    NOW,
    SECOND,
    THIRD,
    VALID,
    Database,
    callback,
    claim,
    count,
    enqueue,
    leg,
    write,
)
from waypost.model.identifiers import AccountId, MessageId
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.changes import (
    AddMessage,
    Change,
    ClaimInbound,
    ClaimNonce,
    Count,
    Enqueue,
    Finish,
    Publish,
    PutLeg,
    Refusal,
)
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Stage


class OurFaultError(Exception):
    pass


def writes_everything_and_fails(tx: Transaction) -> None:
    tx.write(AddMessage(message(message_id=SECOND)))
    tx.write(PutLeg(leg(SECOND)))
    tx.write(Enqueue(Stage.DISPATCH, LANE, MessageId(SECOND), "{}", NOW))
    tx.write(Publish(callback(SECOND)))
    tx.write(ClaimInbound("r", "7", NOW))
    tx.write(ClaimNonce("key", b"d" * 16, 3, VALID))
    tx.set_fact("a", "b")
    tx.write(
        Count(TemplateCount(account_id=AccountId("1"), template_code="t", language="en", start=0, sent=1))
    )
    raise OurFaultError


async def test_a_change_returns_its_result(store: Store) -> None:
    assert await store.transact(lambda tx: tx.message(MessageId(FIRST))) is None


async def test_a_change_that_raises_does_nothing(store: Store) -> None:
    with pytest.raises(OurFaultError):
        await store.transact(writes_everything_and_fails)
    assert await store.find_message(MessageId(SECOND)) is None
    assert await store.find_legs(MessageId(SECOND)) == []
    assert await store.list_callbacks() == []
    assert await store.fact("a") is None
    assert not store.nonce_used("key", b"d" * 16, [3])
    assert await store.template_counts(AccountId("1"), None, 0, 1) == []
    assert await count(store) == 0
    assert await write(store, ClaimInbound("r", "7", NOW)) is None


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_only_the_caller_of_a_change_that_raises_gets_the_error(store: Store, place: int) -> None:
    changes = [
        lambda tx: tx.write(AddMessage(message(message_id=FIRST))),
        lambda tx: tx.write(AddMessage(message(message_id=THIRD))),
    ]
    changes.insert(place, writes_everything_and_fails)
    results = await asyncio.gather(*(store.transact(change) for change in changes), return_exceptions=True)
    assert [type(result) for result in results].count(OurFaultError) == 1
    assert isinstance(results[place], OurFaultError)
    assert await store.find_message(MessageId(FIRST)) is not None
    assert await store.find_message(MessageId(SECOND)) is None
    assert await store.find_message(MessageId(THIRD)) is not None


async def test_only_the_caller_of_a_change_the_database_refuses_gets_the_error(store: Store) -> None:
    await store.transact(lambda tx: tx.write(AddMessage(message(message_id=FIRST))))
    again, new = await asyncio.gather(
        store.transact(lambda tx: tx.write(AddMessage(message(message_id=FIRST)))),
        store.transact(lambda tx: tx.write(AddMessage(message(message_id=SECOND)))),
        return_exceptions=True,
    )
    assert isinstance(again, Exception)
    assert new is None
    assert await store.find_message(MessageId(SECOND)) is not None


async def test_of_changes_in_one_batch_each_has_its_own_outcome(store: Store) -> None:
    await write(store, AddMessage(message(message_id=FIRST)))
    ids = (SECOND, FIRST, THIRD)
    outcomes = await store.apply([Change([AddMessage(message(message_id=id_))]) for id_ in ids])
    assert [type(outcome).__name__ for outcome in outcomes] == ["NoneType", "IntegrityError", "NoneType"]
    assert await store.find_message(MessageId(SECOND)) is not None
    assert await store.find_message(MessageId(THIRD)) is not None


async def test_a_change_sees_what_it_wrote_and_what_was_written_before_it(store: Store) -> None:
    def first(tx: Transaction) -> None:
        tx.write(AddMessage(message(message_id=FIRST)))
        assert tx.message(MessageId(FIRST)) is not None
        tx.set_fact("a", "1")

    def second(tx: Transaction) -> None:
        assert tx.message(MessageId(FIRST)) is not None
        tx.set_fact("a", "2")

    await asyncio.gather(store.transact(first), store.transact(second))
    assert await store.fact("a") == "2"


async def test_changes_are_made_in_the_order_of_their_calls(store: Store) -> None:
    await asyncio.gather(
        *(store.transact(lambda tx, n=n: tx.set_fact("last", str(n))) for n in range(1000))  # type: ignore[misc]
    )
    assert await store.fact("last") == "999"


async def test_what_is_still_being_committed_is_finished_before_the_store_closes(database: Database) -> None:
    store = database.open()
    waiting = [
        asyncio.ensure_future(store.transact(lambda tx, n=n: tx.set_fact(str(n), "kept")))  # type: ignore[misc]
        for n in range(1000)
    ]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*waiting)
    reopened = database.open()
    assert [await reopened.fact(str(n)) for n in range(1000)] == ["kept"] * 1000
    await reopened.close()


async def test_a_caller_that_goes_away_does_not_disturb_the_others(store: Store) -> None:
    gone = asyncio.ensure_future(store.transact(lambda tx: tx.set_fact("a", "1")))
    stays = asyncio.ensure_future(store.transact(lambda tx: tx.set_fact("b", "2")))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert await store.fact("b") == "2"
    await store.transact(lambda tx: tx.set_fact("c", "3"))
    assert await store.fact("c") == "3"


async def test_clear_empties_ledger_and_journal_and_leaves_configuration_facts_and_nonces(
    store: Store,
) -> None:
    def fill(tx: Transaction) -> None:
        tx.write(AddMessage(message(message_id=FIRST)))
        tx.write(PutLeg(leg(FIRST)))
        tx.write(Publish(callback(FIRST)))
        tx.write(ClaimInbound("r", "7", NOW))
        tx.write(ClaimNonce("key", b"d" * 16, 3, VALID))
        tx.set_fact("a", "b")

    await enqueue(store, NOW, NOW)
    [held] = await claim(store, limit=1)
    await store.transact(fill)
    await store.clear()
    assert await store.find_message(MessageId(FIRST)) is None
    assert await store.find_legs(MessageId(FIRST)) == []
    assert await store.list_callbacks() == []
    assert await count(store) == 0
    assert await store.fact("a") == "b"
    assert store.nonce_used("key", b"d" * 16, [3])
    # Whoever still held a row has lost it, and changes nothing that is now another's.
    await enqueue(store, NOW)
    [fresh] = await claim(store)
    assert await write(store, Finish(held), works=[held]) is Refusal.LEASE_LOST
    assert await write(store, Finish(fresh), works=[fresh]) is None


async def test_clear_deletes_what_was_written_just_before_it_too(store: Store) -> None:
    await asyncio.gather(
        store.transact(lambda tx: tx.write(AddMessage(message(message_id=FIRST)))),
        store.transact(lambda tx: tx.write(Enqueue(Stage.DISPATCH, LANE, MessageId(FIRST), "{}", NOW))),
        store.clear(),
    )
    assert await store.find_message(MessageId(FIRST)) is None
    assert await count(store) == 0
