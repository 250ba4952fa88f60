"""Who watches a store sees what was written, and nothing else."""

from tests.model.messages import message
from tests.storage.databases import FIRST, SECOND, leg
from waypost.model.identifiers import MessageId
from waypost.storage.changes import AddMessage, Change, Command, PutLeg, RequireOpenWindow
from waypost.storage.commit_feed import WatchedStore
from waypost.storage.contract import Store, Transaction


def watched(store: Store) -> WatchedStore:
    assert isinstance(store, WatchedStore)
    return store


async def test_what_was_written_is_seen_once_it_is_flushed(store: Store) -> None:
    seen: list[Command] = []
    watched(store).observe(seen.extend)
    first, second = AddMessage(message(message_id=FIRST)), PutLeg(leg(FIRST))
    await store.apply([Change([first, second])])
    assert seen == [first, second]
    third = AddMessage(message(message_id=SECOND))
    await store.transact(lambda transaction: transaction.write(third))
    assert seen == [first, second, third]


async def test_what_was_refused_or_taken_back_is_not_seen(store: Store) -> None:
    seen: list[Command] = []
    watched(store).observe(seen.extend)
    closed = RequireOpenWindow("whatsapp", "1", "2", 5)
    [refused] = await store.apply([Change([closed, AddMessage(message(message_id=FIRST))])])
    assert refused is not None

    def fail(transaction: Transaction) -> None:
        transaction.write(AddMessage(message(message_id=SECOND)))
        raise KeyError

    try:
        await store.transact(fail)
    except KeyError:
        assert seen == []
    else:
        raise AssertionError("it was to fail")
    assert await store.find_message(MessageId(SECOND)) is None


async def test_nobody_sees_what_is_written_while_nobody_watches(store: Store) -> None:
    seen: list[Command] = []
    await store.apply([Change([AddMessage(message(message_id=FIRST))])])
    watched(store).observe(seen.extend)
    watched(store).observe(None)
    await store.apply([Change([AddMessage(message(message_id=SECOND))])])
    assert seen == []
