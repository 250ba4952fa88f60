"""The keys that calls are signed with: prepared once each, until the key itself is changed."""

import pytest

from tests.model.configuration_entries import ACCOUNTS
from waypost.api.keyring import LiveKeyRing
from waypost.model.access.principals import AccessKey
from waypost.model.configuration import Account, Configuration, Entry
from waypost.model.entries import EntryKey
from waypost.model.entry_changes import ConfigurationUpdate
from waypost.storage.secrets import SecretBox

ONE, TWO = ACCOUNTS


class CountingBox(SecretBox):
    """Counts what it decrypts."""

    decrypted = 0

    def decrypt(self, encrypted: bytes, owner: str) -> str:
        self.decrypted += 1
        return super().decrypt(encrypted, owner)


class Ring:
    """A key ring, and the snapshot that it was brought up to date with last."""

    def __init__(self, *entries: Entry) -> None:
        self.box = CountingBox(bytes(32))
        self.keys = LiveKeyRing(self.box)
        self.snapshot = Configuration(entries)
        self.keys.apply(self.snapshot, ConfigurationUpdate(1, entries, (), whole=True))

    def change(self, changed: list[Entry], removed: list[EntryKey]) -> None:
        self.snapshot = self.snapshot.with_changes(changed, removed)
        self.keys.apply(self.snapshot, ConfigurationUpdate(2, changed, removed))


def key(id_: str, secret: str = "s", enabled: bool = True) -> AccessKey:
    encrypted = SecretBox(bytes(32)).encrypt(secret, id_)
    return AccessKey(id=id_, account_id=ONE, secret=encrypted, enabled=enabled)


def test_a_change_of_something_else_leaves_every_key_prepared() -> None:
    ring = Ring(key("a"), key("b"))
    found = ring.keys.find("a"), ring.keys.find("b")
    ring.change([Account(id=TWO), key("c")], [("user", "a")])
    assert (ring.keys.find("a"), ring.keys.find("b")) == found
    assert ring.box.decrypted == 2
    assert ring.keys.find("c") is not None


def test_a_changed_key_is_prepared_anew_and_no_other() -> None:
    ring = Ring(key("a"), key("b"))
    before = [ring.keys.find(id_) for id_ in "ab"]
    ring.change([key("a", enabled=False)], [])
    after = ring.keys.find("a")
    assert after is not None
    assert not after.enabled
    assert ring.keys.find("b") is before[1]
    assert ring.box.decrypted == 3


def test_a_removed_key_is_not_found_any_more() -> None:
    ring = Ring(key("a"), key("b"))
    assert ring.keys.find("a") is not None
    ring.change([], [("key", "a")])
    assert ring.keys.find("a") is None


@pytest.mark.parametrize("kept", [True, False])
def test_a_snapshot_that_was_built_anew_leaves_no_key_prepared(kept: bool) -> None:
    ring = Ring(key("a"))
    assert ring.keys.find("a") is not None
    entries = [key("a", enabled=False)] if kept else []
    ring.keys.apply(Configuration(entries), ConfigurationUpdate(9, entries, (), whole=True))
    found = ring.keys.find("a")
    assert (found is not None and not found.enabled) is kept
