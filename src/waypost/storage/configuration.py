"""The configuration in the database: entries with the version of their last change.

Each list of changes gets the next version, which is written in the rows that it changes. A removed entry
leaves its row, without a body and an origin: so whoever has a version learns by one search of an index all
that changed since, removals too, and an insert of the same key is a change of a row like any other. The rows
of removed entries are dropped later (`forget_removed`).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from waypost.model.audit import Author
from waypost.model.entries import ENTRY_TYPES, Entry, EntryKey, entry_key, kind_of, owner_of
from waypost.model.entry_changes import (
    ConfigurationUpdate,
    EntryChange,
    EntryWrite,
    Expectation,
    ExpectEntry,
    ExpectUnchanged,
    InsertEntry,
    RemoveEntry,
    ReplaceEntry,
)
from waypost.storage.audit import audit_parameters

if TYPE_CHECKING:
    from waypost.storage.audit_statements import AuditStatements
    from waypost.storage.configuration_statements import ConfigurationStatements

Rows = list[tuple[Any, ...]]

_VERSION = "configuration_version"
_FORGOTTEN = "configuration_forgotten"
_ABOVE_ALL_TEXTS = chr(0x10FFFF)
_NO_BODY = b""
_NO_ORIGIN = ""

_encode = msgspec.json.Encoder().encode
_decode = {kind: msgspec.json.Decoder(entry_type).decode for kind, entry_type in ENTRY_TYPES.items()}


class ConfigurationChanges:
    """Changes the configuration within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self,
        run: Callable[[str, dict[str, Any]], tuple[Rows, int]],
        statements: "ConfigurationStatements",
        audit: "AuditStatements",
    ) -> None:
        self._run = run
        self._sql = statements
        self._audit = audit

    def apply(self, changes: Sequence[EntryChange], by: Author) -> bool:
        """Writes all changes, which then have one version, each with its audit row; or none of them.

        Args:
            by: who makes them.

        Returns:
            False if nothing was written: a key to insert is in use, an entry to replace or remove is not
            stored as it was read, or entries that were to be unchanged are not.
        """
        version = self._fact(_VERSION)
        if not all(self._holds(change) for change in changes):
            return False
        writes = [change for change in changes if not isinstance(change, Expectation)]
        for change in writes:
            self._write(change, version + 1)
            self._run(self._audit.add, audit_parameters(change, by))
        if writes:
            self._set_fact(_VERSION, version + 1)
        return True

    def _holds(self, change: EntryChange) -> bool:
        match change:
            case InsertEntry(entry):
                return self._stored(entry_key(entry)) is None
            case ReplaceEntry(old) | RemoveEntry(old) | ExpectEntry(old):
                return self._stored(entry_key(old)) == old
            case ExpectUnchanged():
                return all(self._latest(change, kind_of(type_)) <= change.since for type_ in change.types)

    def _stored(self, key: EntryKey) -> Entry | None:
        # Compared as values: a body of an older version of this service can lack members that have defaults.
        rows, _ = self._run(self._sql.body, {"kind": key[0], "id": key[1]})
        return _to_entry(key[0], rows[0][0]) if rows and rows[0][0] else None

    def _latest(self, expected: ExpectUnchanged, kind: str) -> int:
        """The version of the latest change of the entries that are expected to be unchanged."""
        first = expected.id_prefix
        if first:
            ids = {"kind": kind, "first": first, "past": first + _ABOVE_ALL_TEXTS}
            rows, _ = self._run(self._sql.latest_by_id, ids)
        else:
            rows, _ = self._run(self._sql.latest, {"kind": kind, "account_id": expected.account_id})
        return int(rows[0][0] or 0)

    def _write(self, change: EntryWrite, version: int) -> None:
        match change:
            case InsertEntry(entry, origin) | ReplaceEntry(_, entry, origin):
                body = _encode(entry)
            case RemoveEntry(entry):
                origin, body = _NO_ORIGIN, _NO_BODY
        kind, id_ = entry_key(entry)
        row = {"kind": kind, "id": id_, "account_id": owner_of(entry), "origin": origin, "body": body}
        self._run(self._sql.put, row | {"version": version})

    def forget_audit(self, before: int, limit: int) -> int:
        """Drops those of the `limit` oldest audit rows that are of before a time; returns how many.

        Args:
            before: milliseconds UTC.
        """
        return self._run(self._audit.forget, {"before": before, "limit": limit})[1]

    def forget_removed(self, version: int, limit: int) -> int:
        """Drops up to `limit` rows of entries that were removed at a version or before; returns how many.

        A snapshot of an earlier version can then not be brought up to date by changes; it is built anew.
        """
        dropped = self._run(self._sql.forget_removed, {"version": version, "limit": limit})[1]
        if dropped:
            self._set_fact(_FORGOTTEN, version)
        return dropped

    def _fact(self, name: str) -> int:
        rows, _ = self._run(self._sql.fact, {"name": name})
        return int(rows[0][0]) if rows else 0

    def _set_fact(self, name: str, value: int) -> None:
        self._run(self._sql.set_fact, {"name": name, "value": str(value)})


class ConfigurationReader:
    """Reads the configuration outside a transaction."""

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: "ConfigurationStatements"
    ) -> None:
        self._read = read
        self._sql = statements

    async def version(self) -> int:
        """The version of the last change; 0 before the first one."""
        return self._fact(_VERSION)

    async def entries(self) -> list[Entry]:
        """All entries."""
        return list((await self.everything()).changed)

    async def keys_of_origin(self, origin: str) -> set[EntryKey]:
        """The keys of the entries that `origin` declared (`file`, `command`, `api`)."""
        return {(row[0], row[1]) for row in self._read(self._sql.keys_of_origin, {"origin": origin})}

    async def changes_since(self, version: int) -> ConfigurationUpdate:
        """What brings a snapshot of `version` up to date; everything if that is not known any more."""
        rows = self._read(self._sql.changed_since, {"version": version})
        # Looked at after the rows: what is forgotten in between only makes everything be read.
        if self._fact(_FORGOTTEN) > version:
            return await self.everything()
        return ConfigurationUpdate(
            version=max((row[3] for row in rows), default=version),
            changed=[_to_entry(kind, body) for kind, _, body, _ in rows if body],
            removed=[(kind, id_) for kind, id_, body, _ in rows if not body],
        )

    async def everything(self) -> ConfigurationUpdate:
        """All entries, for a snapshot that is built anew."""
        # Looked at before the rows, which then have all that happened up to that version.
        forgotten = self._fact(_FORGOTTEN)
        rows = self._read(self._sql.changed_since, {"version": -1})
        return ConfigurationUpdate(
            version=max([forgotten, *(row[3] for row in rows)]),
            changed=[_to_entry(kind, body) for kind, _, body, _ in rows if body],
            removed=(),
            whole=True,
        )

    def _fact(self, name: str) -> int:
        rows = self._read(self._sql.read_fact, {"name": name})
        return int(rows[0][0]) if rows else 0


def _to_entry(kind: str, body: bytes) -> Entry:
    entry: Entry = _decode[kind](body)
    return entry
