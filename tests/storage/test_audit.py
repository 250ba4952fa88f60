"""Each change of the configuration has an audit row, written with it and without secrets."""

import base64

import msgspec
import pytest

from tests.storage.databases import Database
from tests.storage.stored_entries import AUTHOR, apply, insert, remove, replace
from waypost.model.access.principals import AccessKey
from waypost.model.audit import Author
from waypost.model.entries import Account, CallbackTarget, Space
from waypost.model.entry_changes import ExpectEntry, InsertEntry
from waypost.model.identifiers import AccountId, SpaceId
from waypost.storage.contract import Store, Transaction
from waypost.storage.declared_entries import declare_entries

ONE = AccountId("1")
ACCOUNT = Account(
    id=ONE, name="one", callbacks=CallbackTarget("https://u:pass@a.example/x?token=t", "", "sign-secret")
)
KEY = AccessKey(id="WPkey", account_id=ONE, user_id=None, secret=b"encrypted-secret")
SPACE = Space(id=SpaceId("cams-1"), account_id=AccountId("2"))


async def test_a_row_has_who_from_where_and_what_and_survives_a_restart(database: Database) -> None:
    store = database.open()
    by = Author(1_700_000_000_123, "1/alice", "WPkey", "192.0.2.9", "R1")
    await store.transact(lambda tx: tx.configuration.apply([InsertEntry(SPACE, "api")], by))
    await store.close()
    store = database.open()
    [row] = await store.audit.page()
    assert (row.at, row.who, row.access_key_id, row.peer, row.request_id) == tuple(by)
    assert (row.origin, row.account_id, row.kind, row.entry_id) == ("api", "2", "space", "cams-1")
    assert row.before == {}
    assert row.after["id"] == "cams-1"
    await store.close()


async def test_what_differs_is_there_as_it_was_before_and_after(store: Store) -> None:
    renamed = msgspec.structs.replace(SPACE, name="new", details={"CountryId": "SG"})
    await insert(store, SPACE)
    await replace(store, SPACE, renamed)
    await remove(store, renamed)
    removed, changed, made = await store.audit.page()
    assert made.before == {}
    assert (changed.before, changed.after) == (
        {"name": "", "details": {}},
        {"name": "new", "details": {"CountryId": "SG"}},
    )
    assert (removed.before["name"], removed.after, removed.origin) == ("new", {}, "")


async def test_no_secret_is_in_a_row_but_that_it_changed(store: Store) -> None:
    other = CallbackTarget("https://b.example/", "", "another-secret")
    await insert(store, ACCOUNT, KEY)
    await replace(store, KEY, msgspec.structs.replace(KEY, secret=b"other-secret"))
    await replace(store, ACCOUNT, msgspec.structs.replace(ACCOUNT, callbacks=other))
    account, key, *made = await store.audit.page()
    assert (key.before, key.after) == ({"secret": "***"}, {"secret": "*** (another one)"})
    assert account.before["callbacks"]["status_url"] == "https://***@a.example/x?***"
    assert account.after["callbacks"]["secret"] == "*** (another one)"
    text = repr([account, key, *made])
    encoded = (base64.b64encode(KEY.secret).decode(), base64.b64encode(b"other-secret").decode())
    for secret in ("pass", "token", "sign-secret", "another-secret", *encoded):
        assert secret not in text


async def test_a_change_that_is_not_written_leaves_no_row(store: Store) -> None:
    def fail(transaction: Transaction) -> None:
        assert transaction.configuration.apply([InsertEntry(SPACE, "api")], AUTHOR)
        raise RuntimeError("a fault of ours")

    await insert(store, KEY)
    with pytest.raises(RuntimeError):
        await store.transact(fail)
    assert not await apply(store, InsertEntry(SPACE, "api"), InsertEntry(KEY, "api"))
    assert await apply(store, ExpectEntry(KEY))
    assert [row.kind for row in await store.audit.page()] == ["key"]


async def test_what_is_declared_again_leaves_no_row_and_what_differs_one(store: Store) -> None:
    await declare_entries(store, [ACCOUNT, SPACE], "file", AUTHOR.at)
    assert len(await store.audit.page()) == 2
    await declare_entries(store, [ACCOUNT, SPACE], "file", AUTHOR.at)
    assert len(await store.audit.page()) == 2
    await declare_entries(store, [msgspec.structs.replace(ACCOUNT, name="new")], "file", AUTHOR.at)
    rows = await store.audit.page(limit=2)
    assert {(row.kind, row.who, row.origin) for row in rows} == {
        ("account", "file", "file"),
        ("space", "file", ""),
    }


async def test_each_filter_leaves_what_it_names(store: Store) -> None:
    await insert(store, ACCOUNT, KEY, SPACE)
    assert [row.kind for row in await store.audit.page(account_id="2")] == ["space"]
    assert [row.entry_id for row in await store.audit.page(kind="key")] == ["WPkey"]
    assert await store.audit.page(since=AUTHOR.at + 1) == []
    assert len(await store.audit.page(since=AUTHOR.at, limit=2)) == 2


async def test_a_reset_keeps_the_rows(store: Store) -> None:
    await insert(store, ACCOUNT)
    await store.clear()
    assert [row.kind for row in await store.audit.page()] == ["account"]


async def test_old_rows_are_forgotten_and_no_others(store: Store) -> None:
    await insert(store, ACCOUNT, KEY)
    later = AUTHOR._replace(at=AUTHOR.at + 1000)
    assert await store.transact(lambda tx: tx.configuration.apply([InsertEntry(SPACE, "api")], later))
    assert await store.transact(lambda tx: tx.configuration.forget_audit(later.at, 1)) == 1
    assert await store.transact(lambda tx: tx.configuration.forget_audit(later.at, 10)) == 1
    assert [row.kind for row in await store.audit.page()] == ["space"]
