"""The cached configuration: read again only when its version has changed."""

import asyncio

from tests.storage.databases import FIRST, NOW, Database, write
from tests.storage.stored_entries import apply, insert, remove, replace
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.entry_changes import ConfigurationUpdate, EntryChange, InsertEntry, RemoveEntry
from waypost.model.identifiers import AccountId, MessageId
from waypost.storage.changes import Enqueue
from waypost.storage.configuration import ConfigurationReader
from waypost.storage.contract import Store
from waypost.storage.live_configuration import LiveConfiguration
from waypost.storage.records import Stage

ACME = Account(id=AccountId("1"), name="Acme")
SENDER = Sender(channel="viber", id="20001", account_id=AccountId("1"), route="r")


def live(store: Store) -> tuple[LiveConfiguration, list[Configuration]]:
    """One, and the snapshots that it announced."""
    announced: list[Configuration] = []
    return LiveConfiguration(store, lambda snapshot, _: announced.append(snapshot)), announced


async def test_it_is_empty_until_it_is_read(store: Store) -> None:
    await insert(store, ACME)
    configuration, announced = live(store)
    assert configuration.current().accounts == {}
    assert announced == []
    assert await configuration.refresh()
    assert configuration.current().accounts == {"1": ACME}
    assert announced == [configuration.current()]


async def test_of_an_empty_store_it_is_read_too(store: Store) -> None:
    configuration, announced = live(store)
    assert await configuration.refresh()
    assert len(announced) == 1
    assert not await configuration.refresh()


async def test_it_is_another_snapshot_after_each_change_and_the_same_without(store: Store) -> None:
    configuration, announced = live(store)
    await configuration.refresh()
    changes: list[EntryChange] = [
        InsertEntry(ACME, "command"),
        InsertEntry(SENDER, "command"),
        RemoveEntry(ACME),
    ]
    for change in changes:
        before = configuration.current()
        assert await apply(store, change)
        assert configuration.current() is before
        assert await configuration.refresh()
        assert configuration.current() is not before
        assert not await configuration.refresh()
    assert len(announced) == 4
    assert configuration.current().accounts == {}
    assert configuration.current().sender_by_id("viber", "20001") == SENDER


async def test_a_snapshot_in_use_does_not_change(store: Store) -> None:
    configuration, _ = live(store)
    await insert(store, ACME)
    await configuration.refresh()
    in_use = configuration.current()
    await replace(store, ACME, Account(id=AccountId("1"), name="Another"))
    await insert(store, SENDER)
    await configuration.refresh()
    assert in_use.accounts == {"1": ACME}
    assert in_use.sender_by_id("viber", "20001") is None


async def test_two_changes_before_it_is_read_are_one(store: Store) -> None:
    configuration, announced = live(store)
    await configuration.refresh()
    await insert(store, ACME)
    await insert(store, SENDER)
    assert await configuration.refresh()
    assert not await configuration.refresh()
    assert len(announced) == 2


async def test_nothing_else_that_is_written_makes_it_be_read(store: Store) -> None:
    configuration, announced = live(store)
    await configuration.refresh()
    await store.transact(lambda tx: tx.set_fact("a", "b"))
    await write(store, Enqueue(Stage.TIMER, "", MessageId(FIRST), "{}", NOW))
    assert not await configuration.refresh()
    assert len(announced) == 1


async def test_what_another_process_changed_is_noticed(database: Database) -> None:
    ours, theirs = database.open(), database.open()
    configuration, _ = live(ours)
    await configuration.refresh()
    await insert(theirs, ACME)
    assert await configuration.refresh()
    assert configuration.current().accounts == {"1": ACME}
    await remove(theirs, ACME)
    assert await configuration.refresh()
    assert configuration.current().accounts == {}
    await ours.close()
    await theirs.close()


async def test_of_two_refreshes_at_once_the_slower_one_puts_nothing_back(store: Store) -> None:
    configuration, announced = live(store)
    await configuration.refresh()
    reader = store.configuration
    slow = asyncio.Event()

    class Slow(ConfigurationReader):
        """Answers its first read late, with what was true when it was asked."""

        first = True

        async def changes_since(self, version: int) -> ConfigurationUpdate:
            first, self.first = self.first, False
            update = await reader.changes_since(version)
            if first:
                await slow.wait()
            return update

    store.configuration = Slow(reader._read, reader._sql)
    await insert(store, ACME)
    slower = asyncio.ensure_future(configuration.refresh())
    await asyncio.sleep(0)
    await replace(store, ACME, Account(id=AccountId("1"), name="now"))
    quicker = asyncio.ensure_future(configuration.refresh())
    await asyncio.sleep(0)
    slow.set()
    assert (await slower, await quicker) == (True, True)
    assert configuration.current().accounts["1"].name == "now"
    assert [snapshot.version for snapshot in announced] == sorted({one.version for one in announced})


async def test_a_snapshot_from_before_what_is_forgotten_is_built_anew(store: Store) -> None:
    configuration, announced = live(store)
    await insert(store, ACME, SENDER)
    await configuration.refresh()
    await remove(store, SENDER)
    await replace(store, ACME, Account(id=AccountId("1"), name="now"))
    version = await store.configuration.version()
    await store.transact(lambda tx: tx.configuration.forget_removed(version, 9))
    assert await configuration.refresh()
    assert configuration.current().accounts == {"1": Account(id=AccountId("1"), name="now")}
    assert configuration.current().senders() == {}
    assert not await configuration.refresh()
    assert len(announced) == 2
