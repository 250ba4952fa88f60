"""The audit rows: one for each entry of the configuration that was made, changed or removed."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from waypost.model.audit import Author, difference
from waypost.model.entries import entry_key, owner_of
from waypost.model.entry_changes import EntryWrite, InsertEntry, RemoveEntry, ReplaceEntry
from waypost.model.identifiers import AccountId

if TYPE_CHECKING:
    from waypost.storage.audit_statements import AuditStatements

Rows = list[tuple[Any, ...]]


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one entry.

    Attributes:
        id: ascending in the order of the changes.
        at: when it was made, milliseconds UTC.
        origin: what declares the entry: `file`, `command`, `api` or `sandbox`; empty for one that is removed.
        who, access_key_id, peer, request_id: see `waypost.model.audit.Author`.
        account_id: the account that the entry belongs to.
        kind, entry_id: the entry.
        before, after: its members that differ, without secrets; all of them if it is made or removed.
    """

    id: int
    at: int
    origin: str
    who: str
    access_key_id: str
    peer: str
    request_id: str
    account_id: AccountId
    kind: str
    entry_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def audit_parameters(change: EntryWrite, by: Author) -> dict[str, Any]:
    """The parameters of the statement that appends the row of a change."""
    match change:
        case InsertEntry(entry, origin) | ReplaceEntry(_, entry, origin):
            pass
        case RemoveEntry(entry):
            origin = ""
    kind, entry_id = entry_key(entry)
    before, after = difference(change)
    return {
        **by._asdict(),
        "origin": origin,
        "account_id": owner_of(entry),
        "kind": kind,
        "entry_id": entry_id,
        "before": _encode(before).decode(),
        "after": _encode(after).decode(),
    }


class AuditReader:
    """Reads audit rows outside a transaction."""

    def __init__(self, read: Callable[[str, dict[str, Any]], Rows], statements: "AuditStatements") -> None:
        self._read = read
        self._sql = statements

    async def page(
        self, *, account_id: str = "", kind: str = "", since: int = 0, limit: int = 100
    ) -> list[AuditRow]:
        """Changes, the latest first.

        Args:
            account_id, kind: of the entries; empty for any.
            since: milliseconds UTC.
        """
        filters = {"account_id": account_id, "kind": kind, "since": since, "limit": limit}
        return [_to_row(row) for row in self._read(self._sql.page, filters)]


def _to_row(row: tuple[Any, ...]) -> AuditRow:
    members = dict(zip(AuditRow.__struct_fields__, row, strict=True))
    return AuditRow(**members | {name: _decode(members[name]) for name in ("before", "after")})
