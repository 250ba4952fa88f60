"""Two handles on one database change the configuration: no change is lost, and each learns of the other's.

Each promise is a function that runs over the store, and over twins of it that lack a guarantee: there it must
fail.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from tests.storage.databases import Database
from tests.storage.stored_entries import AUTHOR, apply, insert, remove, replace
from waypost.model.access.principals import AccessKey, User
from waypost.model.audit import Author
from waypost.model.configuration import Account, Configuration, Entry
from waypost.model.entries import entry_key
from waypost.model.entry_changes import (
    EntryChange,
    Expectation,
    ExpectEntry,
    ExpectUnchanged,
    InsertEntry,
    RemoveEntry,
    ReplaceEntry,
)
from waypost.model.identifiers import AccountId
from waypost.storage import transaction
from waypost.storage.configuration import ConfigurationChanges
from waypost.storage.contract import Store, Transaction
from waypost.storage.live_configuration import LiveConfiguration

ONE, TWO = AccountId("1"), AccountId("2")
ACME = Account(id=ONE, name="Acme")
CLERK = User(id="clerk", account_id=ONE)
OTHER = User(id="other", account_id=ONE)
FOREIGN = User(id="foreign", account_id=TWO)
KEY = AccessKey(id="key", account_id=ONE, secret=b"\x01", created_at=1)


def named(name: str) -> User:
    """The clerk under a name."""
    return User(id="clerk", account_id=ONE, name=name)


async def live(store: Store) -> LiveConfiguration:
    configuration = LiveConfiguration(store, lambda *_: None)
    await configuration.refresh()
    return configuration


async def stored(store: Store) -> list[Entry]:
    return sorted(await store.configuration.entries(), key=entry_key)


async def of_two_inserts_of_one_key_one_is_written(ours: Store, theirs: Store) -> None:
    results = await asyncio.gather(
        apply(ours, InsertEntry(named("ours"), "api")), apply(theirs, InsertEntry(named("theirs"), "api"))
    )
    assert sorted(results) == [False, True]
    assert await stored(ours) == [named("ours" if results[0] else "theirs")]


async def a_removed_key_can_be_inserted_again_by_either(ours: Store, theirs: Store) -> None:
    await insert(ours, CLERK)
    await remove(theirs, CLERK)
    assert await stored(ours) == []
    await insert(ours, named("again"))
    assert not await apply(theirs, InsertEntry(CLERK, "api"))
    assert await stored(theirs) == [named("again")]


async def what_another_changed_is_not_replaced(ours: Store, theirs: Store) -> None:
    await insert(ours, CLERK)
    await replace(theirs, CLERK, named("theirs"))
    assert not await apply(ours, ReplaceEntry(CLERK, named("ours"), "api"))
    assert await stored(ours) == [named("theirs")]
    await replace(ours, named("theirs"), named("ours"))
    assert await stored(theirs) == [named("ours")]


async def what_another_removed_is_not_replaced(ours: Store, theirs: Store) -> None:
    await insert(ours, CLERK)
    await remove(theirs, CLERK)
    assert not await apply(ours, ReplaceEntry(CLERK, named("ours"), "api"))
    assert await stored(ours) == []


async def what_another_changed_is_not_removed(ours: Store, theirs: Store) -> None:
    await insert(ours, CLERK)
    await replace(theirs, CLERK, named("theirs"))
    assert not await apply(ours, RemoveEntry(CLERK))
    assert await stored(ours) == [named("theirs")]


async def of_a_refused_list_nothing_is_written(ours: Store, theirs: Store) -> None:
    await insert(ours, CLERK, ACME)
    await replace(theirs, CLERK, named("theirs"))
    version = await ours.configuration.version()
    stale: Sequence[EntryChange] = (
        InsertEntry(OTHER, "api"),
        RemoveEntry(ACME),
        ReplaceEntry(CLERK, named("ours"), "api"),
    )
    for changes in (stale, stale[::-1]):
        assert not await apply(ours, *changes)
    assert await stored(theirs) == [ACME, named("theirs")]
    assert await theirs.configuration.version() == version


async def counting_up_from_both_loses_no_step(ours: Store, theirs: Store) -> None:
    await insert(ours, Account(id=ONE, limit=0))

    async def count_up(store: Store) -> None:
        for _ in range(20):
            written = False
            while not written:
                [account] = await store.configuration.entries()
                assert isinstance(account, Account)
                assert account.limit is not None
                more = Account(id=ONE, limit=account.limit + 1)
                written = await apply(store, ReplaceEntry(account, more, "api"))

    await asyncio.gather(count_up(ours), count_up(theirs))
    assert await stored(ours) == [Account(id=ONE, limit=40)]


async def a_list_that_relies_on_a_free_place_is_refused_when_it_is_taken(ours: Store, theirs: Store) -> None:
    """Such as a name that must be free, or a limit: there is no row yet that the two could compare."""
    await insert(ours, ACME, KEY)
    free = ExpectUnchanged(ONE, (User,), (await live(ours)).current().version)
    results = await asyncio.gather(
        apply(ours, free, InsertEntry(CLERK, "api")), apply(theirs, free, InsertEntry(OTHER, "api"))
    )
    assert sorted(results) == [False, True]
    assert len(await stored(ours)) == 3


async def a_list_that_relies_on_an_entry_is_refused_when_it_is_removed(ours: Store, theirs: Store) -> None:
    await insert(ours, ACME, CLERK)
    has_user = ExpectUnchanged(ONE, (User,), (await live(ours)).current().version)
    await remove(theirs, CLERK)
    assert not await apply(ours, has_user, InsertEntry(KEY, "api"))
    assert await stored(ours) == [ACME]


async def a_list_that_relies_on_an_entry_as_it_was_read_is_refused_when_it_is_another(
    ours: Store, theirs: Store
) -> None:
    await insert(ours, ACME, CLERK)
    assert await apply(ours, ExpectEntry(CLERK), InsertEntry(KEY, "api"))
    await replace(theirs, CLERK, named("theirs"))
    assert not await apply(ours, InsertEntry(OTHER, "api"), ExpectEntry(CLERK))
    await remove(theirs, named("theirs"))
    assert not await apply(ours, InsertEntry(OTHER, "api"), ExpectEntry(named("theirs")))
    assert await stored(ours) == [ACME, KEY]


async def a_change_reaches_the_other_at_its_next_refresh(ours: Store, theirs: Store) -> None:
    await insert(ours, CLERK, ACME)
    configuration = await live(theirs)
    await replace(ours, CLERK, named("ours"))
    await insert(ours, KEY)
    assert await configuration.refresh()
    assert configuration.current().users == {"clerk": named("ours")}
    assert configuration.current().keys == {"key": KEY}
    assert configuration.current().accounts == {ONE: ACME}
    assert not await configuration.refresh()


async def a_removal_reaches_the_other_at_its_next_refresh(ours: Store, theirs: Store) -> None:
    await insert(ours, CLERK, KEY)
    configuration = await live(theirs)
    await remove(ours, KEY)
    assert await configuration.refresh()
    assert configuration.current().keys == {}
    assert configuration.current().users == {"clerk": CLERK}
    await remove(ours, CLERK)
    await insert(ours, named("again"))
    assert await configuration.refresh()
    assert configuration.current().users == {"clerk": named("again")}


async def what_one_reads_is_what_both_wrote_in_whatever_order(ours: Store, theirs: Store) -> None:
    configurations = [await live(ours), await live(theirs)]
    await insert(ours, ACME)
    await insert(theirs, CLERK)
    await configurations[0].refresh()
    await replace(ours, CLERK, named("ours"))
    await insert(theirs, KEY)
    await configurations[1].refresh()
    await remove(ours, ACME)
    for configuration in configurations:
        await configuration.refresh()
        current: Configuration = configuration.current()
        assert (dict(current.accounts), dict(current.users)) == ({}, {"clerk": named("ours")})
        assert dict(current.keys) == {"key": KEY}


Promise = Callable[[Store, Store], Awaitable[None]]


class ReplacesBlindly(ConfigurationChanges):
    """Writes whatever is stored."""

    def _holds(self, change: EntryChange) -> bool:
        return (
            isinstance(change, InsertEntry | ExpectUnchanged) and super()._holds(change)
        ) or not isinstance(change, InsertEntry | ExpectUnchanged)


class InsertsBlindly(ConfigurationChanges):
    """Overwrites what is there."""

    def _holds(self, change: EntryChange) -> bool:
        return isinstance(change, InsertEntry) or super()._holds(change)


class ReliesOnNothing(ConfigurationChanges):
    """Looks at no entries but those that it writes."""

    def _holds(self, change: EntryChange) -> bool:
        return isinstance(change, Expectation) or super()._holds(change)


class WritesWhatItCan(ConfigurationChanges):
    """Writes the changes before the one that is refused."""

    def apply(self, changes: Sequence[EntryChange], by: Author) -> bool:
        results = [super(WritesWhatItCan, self).apply([change], by) for change in changes]
        return all(results)


class RemovesTheRow(ConfigurationChanges):
    """Leaves nothing of a removed entry."""

    def _write(self, change: InsertEntry | ReplaceEntry | RemoveEntry, version: int) -> None:
        super()._write(change, version)
        if isinstance(change, RemoveEntry):
            kind, id_ = entry_key(change.old)
            self._run("DELETE FROM configuration WHERE kind = :kind AND id = :id", {"kind": kind, "id": id_})


class KeepsTheVersion(ConfigurationChanges):
    """Changes an entry in place, as if nothing had happened."""

    def _write(self, change: InsertEntry | ReplaceEntry | RemoveEntry, version: int) -> None:
        super()._write(change, version if isinstance(change, InsertEntry) else 1)


class ForgetsTheOwner(ConfigurationChanges):
    """A removed entry belongs to nobody."""

    def _write(self, change: InsertEntry | ReplaceEntry | RemoveEntry, version: int) -> None:
        super()._write(change, version)
        if isinstance(change, RemoveEntry):
            self._run("UPDATE configuration SET account_id = '' WHERE body = :body", {"body": b""})


TWINS: list[tuple[Promise, type[ConfigurationChanges]]] = [
    (of_two_inserts_of_one_key_one_is_written, InsertsBlindly),
    (a_removed_key_can_be_inserted_again_by_either, InsertsBlindly),
    (what_another_changed_is_not_replaced, ReplacesBlindly),
    (what_another_removed_is_not_replaced, ReplacesBlindly),
    (what_another_changed_is_not_removed, ReplacesBlindly),
    (of_a_refused_list_nothing_is_written, ReplacesBlindly),
    (of_a_refused_list_nothing_is_written, WritesWhatItCan),
    (counting_up_from_both_loses_no_step, ReplacesBlindly),
    (a_list_that_relies_on_a_free_place_is_refused_when_it_is_taken, ReliesOnNothing),
    (a_list_that_relies_on_an_entry_is_refused_when_it_is_removed, ReliesOnNothing),
    (a_list_that_relies_on_an_entry_is_refused_when_it_is_removed, RemovesTheRow),
    (a_list_that_relies_on_an_entry_as_it_was_read_is_refused_when_it_is_another, ReliesOnNothing),
    (a_list_that_relies_on_an_entry_is_refused_when_it_is_removed, ForgetsTheOwner),
    (a_change_reaches_the_other_at_its_next_refresh, KeepsTheVersion),
    (a_removal_reaches_the_other_at_its_next_refresh, RemovesTheRow),
    (a_removal_reaches_the_other_at_its_next_refresh, KeepsTheVersion),
    (what_one_reads_is_what_both_wrote_in_whatever_order, KeepsTheVersion),
    (what_one_reads_is_what_both_wrote_in_whatever_order, RemovesTheRow),
]
PROMISES = list(dict.fromkeys(promise for promise, _ in TWINS))


async def hold(database: Database, promise: Promise) -> None:
    ours, theirs = database.open(), database.open()
    try:
        await promise(ours, theirs)
    finally:
        await ours.close()
        await theirs.close()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_with_two_handles(database: Database, promise: Promise) -> None:
    await hold(database, promise)


@pytest.mark.parametrize(
    ("promise", "twin"), TWINS, ids=[f"{promise.__name__}-{twin.__name__}" for promise, twin in TWINS]
)
async def test_a_twin_without_the_guarantee_is_caught(
    database: Database,
    promise: Promise,
    twin: type[ConfigurationChanges],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transaction, "ConfigurationChanges", twin)
    with pytest.raises(AssertionError):
        await hold(database, promise)


async def test_an_expectation_is_about_its_own_account_and_types(store: Store) -> None:
    await insert(store, ACME, CLERK)
    version = await store.configuration.version()
    await insert(store, FOREIGN, KEY)
    assert await apply(store, ExpectUnchanged(ONE, (User, Account), version))
    assert not await apply(store, ExpectUnchanged(ONE, (User, AccessKey), version))
    assert not await apply(store, ExpectUnchanged(TWO, (User,), version))


async def test_an_expectation_may_be_about_ids_that_begin_alike(store: Store) -> None:
    version = await store.configuration.version()
    await insert(store, User(id="a/2", account_id=ONE), User(id="b", account_id=ONE))
    expected = {"a/": False, "a/2": False, "a/3": True, "a": False, "c": True, "": False}
    for prefix, unchanged in expected.items():
        assert await apply(store, ExpectUnchanged(ONE, (User,), version, prefix)) is unchanged
    assert await apply(store, ExpectUnchanged(ONE, (Account,), version, "a/"))


async def test_a_change_sees_those_of_its_own_transaction(store: Store) -> None:
    def change(tx: Transaction) -> list[bool]:
        return [
            tx.configuration.apply([InsertEntry(CLERK, "api")], AUTHOR),
            tx.configuration.apply([InsertEntry(CLERK, "api")], AUTHOR),
            tx.configuration.apply([ReplaceEntry(CLERK, named("now"), "api")], AUTHOR),
            tx.configuration.apply([ExpectUnchanged(ONE, (User,), 1)], AUTHOR),
            tx.configuration.apply([RemoveEntry(named("now"))], AUTHOR),
        ]

    assert await store.transact(change) == [True, False, True, False, True]
