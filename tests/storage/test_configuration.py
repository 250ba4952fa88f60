"""Configuration with its version, facts, and nonces."""

import sqlite3
from contextlib import closing

import pytest

from tests.storage.databases import VALID, Sqlite, write
from tests.storage.stored_entries import apply, insert, remove, replace
from waypost.model.access.principals import AccessKey, AccountPolicy, Attachment, PolicyVersion, Role, User
from waypost.model.configuration import Account, Entry, ReceiptSettings, Sender, Space
from waypost.model.entries import entry_key
from waypost.model.entry_changes import ConfigurationUpdate, ExpectUnchanged, InsertEntry
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.senders.viber_senders import Pause, ViberRequest, ViberService
from waypost.model.templates.template import Template
from waypost.storage.changes import ClaimNonce
from waypost.storage.contract import Store

ENTRIES: list[Entry] = [
    Account(id=AccountId("1"), name="Acme", limit=500),
    User(id="clerk", account_id=AccountId("1"), policies={"p": {"Version": "1", "Statement": []}}),
    AccessKey(id="key", account_id=AccountId("1"), user_id="clerk", secret=b"\x00\xff", created_at=7),
    Space(id=SpaceId("cams-1"), account_id=AccountId("1"), default=True),
    Sender(channel="viber", id="20001", account_id=AccountId("1"), route="r"),
    FallbackPolicy(id="S_1", account_id=AccountId("1"), steps=(PolicyStep(channel="sms", sender="Acme"),)),
    Template(
        code="welcome",
        name="Welcome",
        language="en",
        account_id=AccountId("1"),
        space_id=None,
        status="pass",
        channel="viber",
        message_type="text",
        content={"text": "Hello $(name)"},
    ),
    ReceiptSettings(account_id=AccountId("1"), space_id=SpaceId("cams-1"), queue=True),
    ReceiptSettings(
        account_id=AccountId("1"), channel="viber", sender_id="20001", http=False, status_url="https://a/"
    ),
    ViberRequest(
        id="7",
        account_id=AccountId("1"),
        space_id=SpaceId("cams-1"),
        type="open",
        record={"Logo": []},
        created_at=1,
        updated_at=2,
    ),
    ViberService(
        id="25644",
        account_id=AccountId("1"),
        space_id=SpaceId("cams-1"),
        record={},
        pauses=(Pause(1, 2), Pause(3)),
    ),
    Role(
        id="3001",
        account_id=AccountId("1"),
        name="courier",
        trust='{"Version":"1"}',
        attached=(Attachment("Custom", "senders", 8),),
        created_at=9,
    ),
    AccountPolicy(
        account_id=AccountId("1"),
        name="senders",
        versions=(PolicyVersion("v1", "{}", 5),),
        default="v1",
        created_at=5,
    ),
]


async def test_every_kind_of_entry_comes_back(store: Store) -> None:
    await insert(store, *ENTRIES)
    found = await store.configuration.entries()
    assert sorted(map(repr, found)) == sorted(map(repr, ENTRIES))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: "/".join(entry_key(entry)))
async def test_an_entry_of_any_kind_is_known_again_when_it_is_replaced_or_removed(
    store: Store, entry: Entry
) -> None:
    await insert(store, *ENTRIES)
    await replace(store, entry, entry)
    await remove(store, entry)
    assert len(await store.configuration.entries()) == len(ENTRIES) - 1
    await insert(store, entry)
    assert len(await store.configuration.entries()) == len(ENTRIES)


async def test_a_stored_body_that_lacks_members_with_defaults_is_the_entry_all_the_same(
    database: Sqlite,
) -> None:
    """An older version of this service wrote it, which had no such members."""
    store = database.open()
    await insert(store, Account(id=AccountId("1"), name="Acme"))
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute("UPDATE configuration SET body = ?", (b'{"name":"Acme","id":"1"}',))
    await replace(store, Account(id=AccountId("1"), name="Acme"), Account(id=AccountId("1"), name="Bcme"))
    await store.close()


async def test_an_entry_put_again_replaces_the_one_before(store: Store) -> None:
    before = Account(id=AccountId("1"), name="before")
    await insert(store, before, origin="file")
    await replace(store, before, Account(id=AccountId("1"), name="now"), "command")
    assert await store.configuration.entries() == [Account(id=AccountId("1"), name="now")]
    assert await store.configuration.keys_of_origin("file") == set()
    assert await store.configuration.keys_of_origin("command") == {("account", "1")}


async def test_entries_are_known_by_who_declared_them_and_removed_by_their_key(store: Store) -> None:
    await insert(store, *ENTRIES[:3], origin="file")
    await insert(store, *ENTRIES[3:], origin="command")
    keys_of_origin = store.configuration.keys_of_origin
    assert await keys_of_origin("file") == {("account", "1"), ("user", "clerk"), ("key", "key")}
    assert await keys_of_origin("command") == {
        ("space", "cams-1"),
        ("sender", "viber/20001"),
        ("fallback", "S_1"),
        ("template", "1/welcome/en"),
        ("receipts", "space/cams-1"),
        ("receipts", "viber/20001"),
        ("viber_request", "7"),
        ("viber_service", "25644"),
        ("role", "1/courier"),
        ("policy", "1/senders"),
    }
    await remove(store, ENTRIES[1])
    assert len(await store.configuration.entries()) == len(ENTRIES) - 1
    assert await keys_of_origin("file") == {("account", "1"), ("key", "key")}


async def test_the_version_moves_with_every_change_of_the_configuration_and_with_nothing_else(
    store: Store,
) -> None:
    versions = [await store.configuration.version()]
    await insert(store, *ENTRIES)
    versions.append(await store.configuration.version())
    await remove(store, ENTRIES[1])
    versions.append(await store.configuration.version())
    assert versions == sorted(set(versions))
    await store.transact(lambda tx: tx.set_fact("a", "b"))
    await apply(store, ExpectUnchanged(AccountId("1"), (User,), versions[-1]))
    assert not await apply(store, InsertEntry(ENTRIES[0], "file"))
    await store.clear()
    assert await store.configuration.version() == versions[-1]


async def test_what_changed_since_a_version_is_each_entry_once_as_it_is_now(store: Store) -> None:
    await insert(store, *ENTRIES[:3])
    version = await store.configuration.version()
    assert await store.configuration.changes_since(version) == ConfigurationUpdate(version, [], [])
    clerk, renamed = ENTRIES[1], User(id="clerk", account_id=AccountId("1"), name="bookkeeper")
    await replace(store, clerk, User(id="clerk", account_id=AccountId("1"), name="in between"))
    await replace(store, User(id="clerk", account_id=AccountId("1"), name="in between"), renamed)
    await remove(store, ENTRIES[2])
    await insert(store, ENTRIES[3])
    await insert(store, ENTRIES[4])
    await remove(store, ENTRIES[4])
    update = await store.configuration.changes_since(version)
    assert sorted(map(entry_key, update.changed)) == [("space", "cams-1"), ("user", "clerk")]
    assert renamed in update.changed
    assert sorted(update.removed) == [("key", "key"), ("sender", "viber/20001")]
    assert (update.version, update.whole) == (version + 6, False)


async def test_where_removals_are_forgotten_everything_is_read(store: Store) -> None:
    await insert(store, *ENTRIES[:3])
    version = await store.configuration.version()
    await remove(store, ENTRIES[2])
    await insert(store, ENTRIES[3])
    await remove(store, ENTRIES[3])
    forget = await store.transact(lambda tx: tx.configuration.forget_removed(version + 1, 9))
    assert forget == 1
    update = await store.configuration.changes_since(version)
    assert update.whole
    assert sorted(map(repr, update.changed)) == sorted(map(repr, ENTRIES[:2]))
    assert await store.configuration.changes_since(update.version) == ConfigurationUpdate(
        update.version, [], []
    )
    later = await store.configuration.changes_since(version + 1)
    assert (later.removed, later.whole) == ([("space", "cams-1")], False)
    # Of the very last change nothing is left then: a snapshot of it is still up to date.
    await store.transact(lambda tx: tx.configuration.forget_removed(update.version, 9))
    assert not await store.configuration.changes_since(update.version)
    everything = await store.configuration.everything()
    assert not await store.configuration.changes_since(everything.version)


async def test_a_fact_is_what_was_set_last(store: Store) -> None:
    assert await store.fact("a") is None
    await store.transact(lambda tx: tx.set_fact("a", "1"))
    await store.transact(lambda tx: tx.set_fact("a", "2"))
    assert await store.fact("a") == "2"


D, E = b"d" * 16, b"e" * 16


async def test_a_nonce_is_known_in_its_slice_and_for_its_key(store: Store) -> None:
    await store.transact(lambda tx: tx.write(ClaimNonce("key", D, 3, VALID)))
    assert store.nonce_used("key", D, [2, 3, 4])
    assert not store.nonce_used("key", D, [2, 4])
    assert not store.nonce_used("key", D, [])
    assert not store.nonce_used("key", E, [3])
    assert not store.nonce_used("other", D, [3])


async def test_nonces_are_listed_and_forgotten_by_slice(store: Store) -> None:
    for digest, slice_ in ((D, 3), (E, 3), (D, 5)):
        await write(store, ClaimNonce("key", digest, slice_, range(slice_, slice_ + 1)))
    assert store.nonce_slices() == [3, 5]
    assert sorted(store.nonces_in(3)) == [("key", D, 3), ("key", E, 3)]
    await store.forget_nonces(5, 1)
    assert store.nonce_slices() == [3, 5]
    assert len(store.nonces_in(3)) == 1
    await store.forget_nonces(5, 9)
    assert store.nonce_slices() == [5]
    assert store.nonces_in(3) == []
    assert store.nonce_used("key", D, [5])
