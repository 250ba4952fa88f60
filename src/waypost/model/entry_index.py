"""Indexes over entries of one type, which a change brings up to date without building them anew."""

from collections.abc import Callable, Iterable, Mapping, ValuesView
from typing import Any, Generic, Protocol, TypeVar

from waypost.model.identifiers import AccountId
from waypost.model.persistent_map import PersistentGroups, PersistentMap


class OwnedEntry(Protocol):
    """An entry that belongs to an account."""

    @property
    def account_id(self) -> AccountId:
        """The account."""
        ...


K = TypeVar("K")
T = TypeVar("T")
E = TypeVar("E", bound=OwnedEntry)

EntriesByType = Mapping[type[Any], list[Any]]
"""Entries, grouped by their type."""


def by_type(entries: Iterable[Any]) -> EntriesByType:
    """Groups entries by their type."""
    grouped: dict[type[Any], list[Any]] = {}
    for entry in entries:
        grouped.setdefault(type(entry), []).append(entry)
    return grouped


def entries_of_type(entries: EntriesByType, type_: type[T]) -> list[T]:
    """The entries of one type."""
    return entries.get(type_, [])


class EntryIndex(Generic[K, E]):
    """The entries of one type: found by a key, which is unique, and listed by account. It never changes.

    Attributes:
        by_key: all entries.
    """

    __slots__ = ("_key_of", "_of_account", "_type", "by_key")

    def __init__(self, type_: type[E], key_of: Callable[[E], K]) -> None:
        self._type = type_
        self._key_of = key_of
        self.by_key: PersistentMap[K, E] = PersistentMap()
        self._of_account: PersistentGroups[AccountId, K, E] = PersistentGroups()

    def of(self, account_id: AccountId) -> ValuesView[E]:
        """The entries of an account, in no particular order."""
        return self._of_account.of(account_id).values()

    def owned_by(self, account_id: AccountId, key: K) -> E | None:
        """The entry with that key if it belongs to the account; None for another account's, too."""
        found = self.by_key.get(key)
        return found if found is not None and found.account_id == account_id else None

    def of_account(self, account_id: AccountId) -> PersistentMap[K, E]:
        """The entries of an account by their keys; the same object until one of them changes."""
        return self._of_account.of(account_id)

    def changed(self, removed: EntriesByType, added: EntriesByType) -> "EntryIndex[K, E]":
        """The index without the entries `removed` and with those `added`; itself if none is of its type."""
        old, new = entries_of_type(removed, self._type), entries_of_type(added, self._type)
        if not old and not new:
            return self
        key_of = self._key_of
        made = EntryIndex(self._type, key_of)
        made.by_key = self.by_key.changed(map(key_of, old), {key_of(entry): entry for entry in new})
        made._of_account = self._of_account.changed(
            ((entry.account_id, key_of(entry)) for entry in old),
            ((entry.account_id, key_of(entry), entry) for entry in new),
        )
        return made
