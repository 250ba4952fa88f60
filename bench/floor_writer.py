"""The floor's writer: all that waits is made durable in one transaction, by a statement a table and kind."""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

SENT = "Sent"
STATUSES = {0: "Delivered", 1: "Read"}
"""`message_status` of a receipt to the status that the customer is pushed."""

_PRAGMAS = ("journal_mode=wal", "synchronous=full", "wal_autocheckpoint=4000", "cache_size=-65536")
_TABLES = """
create table message (id integer primary key, account text, request blob);
create table leg (
    message integer, n integer, state integer, channel text, primary key (message, n)
) without rowid;
create table journal (id integer primary key, stage integer, lane text, due integer, message integer);
create index journal_due on journal (stage, lane, due);
create table nonce (digest blob primary key, slice integer) without rowid;
create table token (token text primary key, message integer) without rowid;
create table status (id integer primary key, message integer, body blob);
"""
_INSERT_MESSAGE = "insert into message values (?, '1', ?)"
_INSERT_LEG = "insert into leg values (?, 0, 0, 'viber')"
_INSERT_WORK = "insert into journal values (?, 1, 'viber-main', ?, ?)"
_INSERT_NONCE = "insert into nonce values (?, 1)"
_INSERT_TOKEN = "insert into token values (?, ?)"
_INSERT_STATUS = "insert into status values (?, ?, ?)"
_MARK_SENT = "update leg set state = 1 where message = ? and n = 0"
_RAISE_STATE = "update leg set state = max(state, ?) where message = ? and n = 0"
_REMOVE_WORK = "delete from journal where id = ?"
_REMOVE_STATUS = "delete from status where id = ?"

_encode = msgspec.json.Encoder().encode


class Caller(Protocol):
    """Who waits for an answer."""

    def answer(self, status: int, body: bytes) -> None: ...


class Message(msgspec.Struct):
    """An accepted message, as the process that accepted it keeps it until it is handed on."""

    id: int
    caller: Caller
    nonce: bytes
    request: bytes
    recipient: str
    text: str
    label: str


class Outcome(NamedTuple):
    """The provider's token of a message."""

    message: int
    token: str


class Receipt(msgspec.Struct):
    """A provider's report."""

    message_token: str
    message_status: int


class Status(NamedTuple):
    """A status to be pushed to the customer."""

    id: int
    message: int
    body: bytes


class Batch:
    """What the next transaction makes durable."""

    def __init__(self) -> None:
        self.accepted: list[Message] = []
        self.outcomes: list[Outcome] = []
        self.receipts: list[tuple[Receipt, Caller]] = []
        self.pushed: list[int] = []

    def __bool__(self) -> bool:
        return bool(self.accepted or self.outcomes or self.receipts or self.pushed)


class Written(NamedTuple):
    """What a transaction came to: receipts that came before their token wait for the next one."""

    accepted: Sequence[Message]
    receipts: Sequence[tuple[Receipt, Caller]]
    early: Sequence[tuple[Receipt, Caller]]
    statuses: Sequence[Status]


class Writer(threading.Thread):
    """Writes a batch whenever the one before is flushed: the more waits, the less each costs.

    Args:
        written: called on the loop's thread after each flush.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, folder: Path, written: Callable[[Written], None]
    ) -> None:
        super().__init__(daemon=True)
        self.waiting = Batch()
        self._loop = loop
        self._path = folder / "floor.db"
        self._written = written
        self._is_busy = False
        self._batches: queue.SimpleQueue[Batch] = queue.SimpleQueue()
        self._last_status = 0

    def wake(self) -> None:
        """Writes what waits in the next round."""
        if not self._is_busy:
            self._is_busy = True
            self._loop.call_soon(self._hand_over)

    def run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in _PRAGMAS:
            connection.execute(f"pragma {pragma}")
        connection.executescript(_TABLES)
        while True:
            written = self._write(connection, self._batches.get())
            self._loop.call_soon_threadsafe(self._flushed, written)

    def _hand_over(self) -> None:
        batch, self.waiting = self.waiting, Batch()
        self._batches.put(batch)

    def _flushed(self, written: Written) -> None:
        self.waiting.receipts += written.early
        self._written(written)
        self._is_busy = bool(self.waiting)
        if self._is_busy:
            self._hand_over()

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> Written:
        now = time.time_ns() // 1_000_000
        changes: list[tuple[int, str]] = []
        early: list[tuple[Receipt, Caller]] = []
        found: list[tuple[Receipt, Caller]] = []
        connection.execute("begin immediate")
        many = connection.executemany
        if accepted := batch.accepted:
            many(_INSERT_MESSAGE, [(one.id, one.request) for one in accepted])
            many(_INSERT_LEG, [(one.id,) for one in accepted])
            many(_INSERT_WORK, [(one.id, now, one.id) for one in accepted])
            many(_INSERT_NONCE, [(one.nonce,) for one in accepted])
        if outcomes := batch.outcomes:
            many(_MARK_SENT, [(one.message,) for one in outcomes])
            many(_INSERT_TOKEN, [(one.token, one.message) for one in outcomes])
            many(_REMOVE_WORK, [(one.message,) for one in outcomes])
            changes += [(one.message, SENT) for one in outcomes]
        if receipts := batch.receipts:
            messages = self._messages(connection, [receipt.message_token for receipt, _ in receipts])
            for one in receipts:
                (found if one[0].message_token in messages else early).append(one)
            reports = [(messages[receipt.message_token], receipt.message_status) for receipt, _ in found]
            many(_RAISE_STATE, [(2 + status, message) for message, status in reports])
            changes += [(message, STATUSES[status]) for message, status in reports]
        statuses = [self._status(message, status, now) for message, status in changes]
        many(_INSERT_STATUS, statuses)
        many(_REMOVE_STATUS, [(one,) for one in batch.pushed])
        connection.execute("commit")
        return Written(accepted, found, early, statuses)

    def _messages(self, connection: sqlite3.Connection, tokens: Sequence[str]) -> dict[str, int]:
        places = ",".join("?" * len(tokens))
        return dict(connection.execute(f"select token, message from token where token in ({places})", tokens))

    def _status(self, message: int, status: str, now: int) -> Status:
        self._last_status += 1
        body = {
            "MessageId": str(message),
            "From": "20001",
            "To": "4915",
            "Timestamp": now,
            "Status": status,
            "StatusDescription": status,
            "MsgFrameType": "message",
            "Type": "text",
            "TaskId": "100000001",
        }
        return Status(self._last_status, message, _encode(body))
