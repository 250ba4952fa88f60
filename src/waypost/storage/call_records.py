"""Calls on record: all but those that a message was accepted by, which are on record in the message."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from waypost.model.identifiers import AccountId
from waypost.storage.columns import CALL_RECORD

if TYPE_CHECKING:
    from waypost.storage.call_record_statements import CallRecordStatements

Rows = list[tuple[Any, ...]]

UNAUTHENTICATED = ""
"""The share of all calls whose signature was not right."""


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was answered.

    Attributes:
        at: when it was answered, milliseconds UTC.
        account_id: the account; of a call whose signature was not right that of the key it names, empty if
            there is no such key.
        is_authenticated: whether its signature was right, and its nonce a new one.
        operation: its Action as far as that is known; empty if not.
        code: the code of its answer, `OK` if it was accepted.
        ms: real milliseconds from its arrival to its answer; None for one on record in its message.
        message_id: the MessageId, or the GroupMessageId, that was answered; empty for none.
        peer: the network address that it came from.
        parameters: by name, with masked values.
        unknown: the names of parameters that the operation does not know.
        string_to_sign: for a wrong signature, the string that the service expected to be signed.
        signature: for a wrong signature, the one that was sent.
    """

    request_id: str
    at: int
    account_id: AccountId
    is_authenticated: bool
    access_key_id: str
    operation: str
    code: str
    ms: int | None
    message_id: str = ""
    peer: str = ""
    parameters: Mapping[str, str] = {}
    unknown: Sequence[str] = ()
    string_to_sign: str = ""
    signature: str = ""

    @property
    def share(self) -> str:
        """Whose bound it counts for."""
        return self.account_id if self.is_authenticated else UNAUTHENTICATED


class CallFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are listed; None for any.

    Attributes:
        since, until: milliseconds UTC; at `until` itself no more.
    """

    account_id: AccountId | None = None
    operation: str | None = None
    code: str | None = None
    request_id: str | None = None
    since: int | None = None
    until: int | None = None


_decode_parameters = msgspec.json.Decoder(dict[str, str]).decode
_decode_unknown = msgspec.json.Decoder(tuple[str, ...]).decode
_encode = msgspec.json.Encoder().encode


class CallRecords:
    """Writes records of calls within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: "CallRecordStatements"
    ) -> None:
        self._run = run
        self._sql = statements

    def add(self, records: Sequence[CallRecord]) -> None:
        """Appends records."""
        for record in records:
            self._run(self._sql.add, _row(record))

    def trim(self, share: str, most: int) -> int:
        """Drops the oldest records of a share beyond `most`; returns how many."""
        return self._run(self._sql.trim, {"share": share, "most": most})[1]

    def forget(self, before: int, limit: int) -> int:
        """Drops those of the `limit` oldest records that are of before a time, milliseconds UTC; returns how
        many."""
        return self._run(self._sql.forget, {"before": before, "limit": limit})[1]


class CallRecordReader:
    """Reads records of calls outside a transaction.

    Args:
        read: executes a statement.
        read_slowly: executes a statement that may have much to look through; called in a thread of its own.
    """

    def __init__(
        self,
        read: Callable[[str, dict[str, Any]], Rows],
        read_slowly: Callable[[str, dict[str, Any]], Rows],
        statements: "CallRecordStatements",
    ) -> None:
        self._read = read
        self._read_slowly = read_slowly
        self._sql = statements

    async def find(self, request_id: str) -> CallRecord | None:
        """The call with that RequestId, or None."""
        rows = self._read(self._sql.find, {"request_id": request_id})
        return _to_record(rows[0]) if rows else None

    async def page(self, filters: CallFilter, *, skip: int = 0, limit: int = 100) -> list[CallRecord]:
        """Calls, the latest first."""
        values = {name: value for name, value in msgspec.structs.asdict(filters).items() if value is not None}
        # A statement a set of filters, so that each finds its index.
        conditions = " AND ".join(self._sql.conditions[name] for name in values) or "true"
        statement = f"{self._sql.listed} WHERE {conditions} {self._sql.newest_first}"
        paged = values | {"skip": skip, "limit": limit}
        rows = await asyncio.to_thread(self._read_slowly, statement, paged)
        return [_to_record(row) for row in rows]


def _row(record: CallRecord) -> dict[str, Any]:
    row = msgspec.structs.asdict(record)
    del row["is_authenticated"]
    row["share"] = record.share
    row["parameters"] = _encode(record.parameters).decode()
    row["unknown"] = _encode(record.unknown).decode()
    return row


def _to_record(row: tuple[Any, ...]) -> CallRecord:
    members = dict(zip(CALL_RECORD, row, strict=True))
    members["is_authenticated"] = bool(members.pop("share"))
    members["parameters"] = _decode_parameters(members["parameters"])
    members["unknown"] = _decode_unknown(members["unknown"])
    return CallRecord(**members)
