"""What the settings declare is stored as it is declared; what others made stays."""

import asyncio

import pytest

from tests.storage.databases import Database
from tests.storage.stored_entries import apply, insert
from waypost.model.access.principals import User
from waypost.model.configuration import Account, Entry, Space
from waypost.model.entries import entry_key
from waypost.model.entry_changes import ReplaceEntry
from waypost.model.fallback.policies import FallbackPolicy
from waypost.model.identifiers import AccountId, SpaceId
from waypost.storage.contract import Store
from waypost.storage.declared_entries import declare_entries

NOW = 1_800_000_000_000


def account(id_: str, name: str = "") -> Account:
    return Account(id=AccountId(id_), name=name)


async def stored(store: Store) -> list[Entry]:
    return sorted(await store.configuration.entries(), key=entry_key)


async def test_what_is_not_declared_any_more_is_removed_and_what_others_made_stays(store: Store) -> None:
    await insert(store, account("9"), origin="api")
    await declare_entries(store, [account("1"), account("2")], "file", NOW)
    await declare_entries(store, [account("2", "renamed"), account("3")], "file", NOW)
    assert await stored(store) == [account("2", "renamed"), account("3"), account("9")]
    assert await store.configuration.keys_of_origin("file") == {("account", "2"), ("account", "3")}
    assert await store.configuration.keys_of_origin("api") == {("account", "9")}


async def test_a_start_with_the_same_settings_changes_nothing(store: Store) -> None:
    await declare_entries(store, [account("1"), account("2")], "file", NOW)
    version = await store.configuration.version()
    await declare_entries(store, [account("2"), account("1")], "file", NOW)
    assert await store.configuration.version() == version


@pytest.mark.parametrize(
    "made", [account("1", "by call"), account("1", "declared")], ids=["another", "the same"]
)
async def test_what_somebody_else_made_under_the_key_is_declared_from_then_on(
    store: Store, made: Account
) -> None:
    await insert(store, made, origin="api")
    await declare_entries(store, [account("1", "declared")], "file", NOW)
    assert await stored(store) == [account("1", "declared")]
    assert await store.configuration.keys_of_origin("file") == {("account", "1")}
    await declare_entries(store, [], "file", NOW)
    assert await stored(store) == []


async def test_while_another_process_changes_the_same_entries_both_get_through(database: Database) -> None:
    ours, theirs = database.open(), database.open()
    await insert(theirs, account("1", "0"), origin="api")

    async def rename() -> None:
        for number in range(20):
            [before] = await theirs.configuration.entries()
            await apply(theirs, ReplaceEntry(before, account("1", str(number)), "api"))

    await asyncio.gather(declare_entries(ours, [account("1", "declared")], "file", NOW), rename())
    await declare_entries(ours, [account("1", "declared")], "file", NOW)
    assert await stored(theirs) == [account("1", "declared")]
    await ours.close()
    await theirs.close()


async def test_what_is_declared_has_the_time_since_when_it_is(store: Store) -> None:
    declared: list[Entry] = [
        Space(id=SpaceId("cams-1"), account_id=AccountId("1")),
        User(id="sender", account_id=AccountId("1")),
        FallbackPolicy(id="S_1", account_id=AccountId("1"), steps=()),
    ]
    await declare_entries(store, declared, "file", NOW)
    changed: list[Entry] = [
        *declared[:2],
        FallbackPolicy(id="S_1", account_id=AccountId("1"), name="SMS", steps=()),
    ]
    more = Space(id=SpaceId("cams-2"), account_id=AccountId("1"))
    await declare_entries(store, [*changed, more], "file", NOW + 5000)
    since = {entry_key(entry)[1]: getattr(entry, "declared_at") for entry in await stored(store)}  # noqa: B009
    assert since == {"cams-1": NOW, "sender": NOW, "S_1": NOW, "cams-2": NOW + 5000}
    assert all(getattr(entry, "created_at") == 0 for entry in await stored(store))  # noqa: B009
