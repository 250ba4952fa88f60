"""Configuration entries that a test stores."""

from waypost.model.audit import Author
from waypost.model.entries import Entry
from waypost.model.entry_changes import EntryChange, InsertEntry, RemoveEntry, ReplaceEntry
from waypost.storage.contract import Store

AUTHOR = Author(1_700_000_000_000, "a test")


async def apply(store: Store, *changes: EntryChange) -> bool:
    """Writes changes as one list."""
    return await store.transact(lambda tx: tx.configuration.apply(changes, AUTHOR))


async def insert(store: Store, *entries: Entry, origin: str = "file") -> None:
    assert await apply(store, *(InsertEntry(entry, origin) for entry in entries))


async def replace(store: Store, old: Entry, new: Entry, origin: str = "command") -> None:
    assert await apply(store, ReplaceEntry(old, new, origin))


async def remove(store: Store, *entries: Entry) -> None:
    assert await apply(store, *map(RemoveEntry, entries))
