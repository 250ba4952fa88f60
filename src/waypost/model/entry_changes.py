"""Changes of the configuration as values: what a decision changes, and what it relied on.

A list of changes is written all or nothing. Each is a comparison too: if what a decision was made on is not
what is stored any more, nothing of the list is written and the decision is made anew.

    InsertEntry(user, "api")                         there is no entry of that key yet
    ReplaceEntry(user, renamed, "api")               what is stored is `user`
    RemoveEntry(user)                                what is stored is `user`
    ExpectEntry(space)                               what is stored is `space`
    ExpectUnchanged(account_id, (User,), version)    no user of the account was made, changed or removed since
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from waypost.model.entries import Entry, EntryKey
from waypost.model.identifiers import AccountId


class InsertEntry(NamedTuple):
    """Writes an entry whose key is not in use.

    Attributes:
        origin: who declares it: `file`, `command`, `api` or `sandbox`.
    """

    entry: Entry
    origin: str


class ReplaceEntry(NamedTuple):
    """Writes an entry in the place of one that is still as it was read.

    Attributes:
        old: the entry as it was read; of the same key as `new`.
        origin: who declares the new one.
    """

    old: Entry
    new: Entry
    origin: str


class RemoveEntry(NamedTuple):
    """Removes an entry that is still as it was read."""

    old: Entry


class ExpectEntry(NamedTuple):
    """Writes nothing, but lets the list be written only if an entry is still as it was read."""

    old: Entry


class ExpectUnchanged(NamedTuple):
    """Writes nothing, but lets the list be written only if entries are as they were when a decision was made.

    It stands for a rule over several entries: a name is free, a limit is not reached, nothing refers to one.

    Attributes:
        account_id: the account whose entries they are.
        types: the types of the entries; all of the account are meant, and those that were added since.
        since: the version of the configuration that the decision was made on.
        id_prefix: if it is not empty, those entries are meant whose ids begin so, whoever owns them.
    """

    account_id: AccountId
    types: tuple[type[Any], ...]
    since: int
    id_prefix: str = ""


EntryWrite = InsertEntry | ReplaceEntry | RemoveEntry
Expectation = ExpectEntry | ExpectUnchanged
EntryChange = EntryWrite | Expectation


class ConfigurationUpdate(NamedTuple):
    """What brings a snapshot up to date.

    Attributes:
        version: the version that the snapshot has with it.
        changed: the entries that are new or have other values.
        removed: the keys of those that are gone.
        whole: whether `changed` is all there is, because it is not known what changed; a snapshot is then
            built anew.
    """

    version: int
    changed: Sequence[Entry]
    removed: Sequence[EntryKey]
    whole: bool = False

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.whole or self.changed or self.removed)
