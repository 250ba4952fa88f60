"""Stores what an origin declares as a whole, such as the settings file."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from waypost.model.audit import Author
from waypost.model.entries import Entry, EntryKey, date_declared, entry_key
from waypost.model.entry_changes import EntryChange, InsertEntry, RemoveEntry, ReplaceEntry
from waypost.storage.contract import Store, StoreUnavailableError, Transaction

# Each failure means that somebody else changed the configuration between a read and a write.
_MOST_TRIES = 100


async def declare_entries(store: Store, entries: Iterable[Entry], origin: str, now: int) -> None:
    """Stores the entries that `origin` declares, and removes those that it declared before and does not now.

    What is stored already is not written again. An entry that somebody else made under the same key is
    replaced.

    Args:
        entries: no two of one key.
        now: since when what is not declared yet is, and when that is put on record, milliseconds UTC.

    Raises:
        StoreUnavailableError: others never stopped changing the configuration.
    """
    declared = {entry_key(entry): entry for entry in entries}
    by = Author(now, origin)
    for _ in range(_MOST_TRIES):
        changes = await _differences(store, declared, origin, now)
        if not changes or await store.transact(partial(_apply, changes, by)):
            return
    raise StoreUnavailableError("the configuration is being changed all the time")


def _apply(changes: Sequence[EntryChange], by: Author, transaction: Transaction) -> bool:
    return transaction.configuration.apply(changes, by)


async def _differences(
    store: Store, declared: Mapping[EntryKey, Entry], origin: str, now: int
) -> list[EntryChange]:
    own = await store.configuration.keys_of_origin(origin)
    stored = {entry_key(entry): entry for entry in await store.configuration.entries()}
    changes: list[EntryChange] = [
        RemoveEntry(entry) for key, entry in stored.items() if key in own and key not in declared
    ]
    for key, undated in declared.items():
        entry = date_declared(undated, stored.get(key) if key in own else None, now)
        if key not in stored:
            changes.append(InsertEntry(entry, origin))
        elif stored[key] != entry or key not in own:
            changes.append(ReplaceEntry(stored[key], entry, origin))
    return changes
