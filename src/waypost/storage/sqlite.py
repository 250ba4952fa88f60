"""The store on a SQLite file of one process; WAL with `synchronous=FULL` puts each commit on disk."""

import asyncio
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from waypost.model.identifiers import AccountId, MessageId, shard_of
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.client_tokens import ClientTokenReader
from waypost.storage.configuration import ConfigurationReader
from waypost.storage.contract import Transaction
from waypost.storage.group_commit import GroupCommit
from waypost.storage.inbound_messages import InboundReader
from waypost.storage.migrations import bring_up_to_date
from waypost.storage.queue_messages import QueueReader
from waypost.storage.records import Callback, CallbackState, Event, Stage, Work
from waypost.storage.rows import (
    Row,
    decode_message,
    to_attempt,
    to_callback,
    to_leg,
    to_template_count,
    to_work,
)
from waypost.storage.statements import Statements
from waypost.storage.suppressions import SuppressionReader
from waypost.storage.transaction import SqlTransaction

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -16384",
    "PRAGMA temp_store = MEMORY",
    # A checkpoint costs two flushes; the default of 1,000 pages means several a second under full load.
    "PRAGMA wal_autocheckpoint = 8000",
)
_ABOVE_ALL_MESSAGE_IDS = "9" * 25
_ABOVE_ALL_TEXTS = chr(0x10FFFF)


# Compiling the statements takes longer than opening a file, and they are the same for every file.
_statements = cache(Statements)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


class SqliteStore:
    """`waypost.storage.contract.Store` on one SQLite file.

    Args:
        path: the file; created, or migrated to the current schema, if needed.

    Attributes:
        shards: always 1, because a file has one writer.
    """

    shards = 1

    def __init__(self, path: Path) -> None:
        bring_up_to_date(path)
        self._sql = _statements()
        self._writer = _connect(path)
        self._reader = _connect(path)
        self._slow_reader = _connect(path)
        self._cursor = self._writer.cursor()
        self.suppressions = SuppressionReader(self._read, self._sql.suppressions)
        self.client_tokens = ClientTokenReader(self._read, self._sql.client_tokens)
        self.inbound_messages = InboundReader(self._read, self._sql.inbound_messages)
        self.queues = QueueReader(self._read, self._read_slowly, self._sql.queue)
        self.configuration = ConfigurationReader(self._read, self._sql.configuration)
        self._transaction: SqlTransaction | None = None
        self._commits = GroupCommit(self)
        self._claimed: dict[Stage, dict[int, Work]] = {stage: {} for stage in Stage}
        self._pushes_in_flight: Counter[str] = Counter()
        self._wakers: dict[Stage, list[asyncio.Event]] = defaultdict(list)

    # GroupCommit's shared transaction.

    def begin(self) -> Transaction:
        """Begins the transaction that the next changes share."""
        self._cursor.execute("BEGIN IMMEDIATE")
        self._transaction = SqlTransaction(self._cursor, self._sql, self.suppressions.people)
        return self._transaction

    def flush(self) -> None:
        """Commits the shared transaction to disk."""
        assert self._transaction is not None
        self._transaction.write_inserts()
        self._transaction.write_counts()
        self._writer.commit()

    def roll_back(self) -> None:
        """Undoes the shared transaction."""
        self._transaction = None
        self._writer.rollback()

    def flushed(self) -> None:
        """Releases finished and postponed work, and wakes the stages and queues that have new rows."""
        transaction, self._transaction = self._transaction, None
        assert transaction is not None
        for work in transaction.released:
            self._release(work)
        for stage in transaction.touched:
            self._wake(stage)
        if transaction.queues.touched:
            self.queues.notify(transaction.queues.touched)

    async def transact(self, change: Callable[[Transaction], T]) -> T:
        """Runs `change` and returns its result once it is flushed to disk."""
        return await self._commits.run(change)

    # The journal.

    async def claim(self, stage: Stage, limit: int, now: int) -> list[Work]:
        """Claims up to `limit` visible rows, oldest due first."""
        claimed = self._claimed[stage]
        size = limit + len(claimed) + len(self._pushes_in_flight)
        while True:
            rows = self._read(self._sql.due, {"stage": stage.value, "now": now, "limit": size})
            available = [
                row for row in rows if row[0] not in claimed and not self._has_push_in_flight(stage, row)
            ]
            if len(available) >= limit or len(rows) < size:
                break
            # All rows read are callbacks of messages with a push in flight: look further.
            size *= 4
        works = [to_work(row) for row in available[:limit]]
        claimed.update((work.seq, work) for work in works)
        if stage is Stage.CALLBACK:
            self._pushes_in_flight.update(work.message_id for work in works if work.message_id)
        return works

    def _has_push_in_flight(self, stage: Stage, row: Row) -> bool:
        return stage is Stage.CALLBACK and row[2] in self._pushes_in_flight

    def release(self, works: Iterable[Work]) -> None:
        """Returns claimed rows unchanged, so that they can be claimed again."""
        for work in works:
            self._release(work)

    def _release(self, work: Work) -> None:
        # SQLite reuses the number of a deleted row: only the claim on this very row may be released.
        if self._claimed[work.stage].get(work.seq) is not work:
            return
        del self._claimed[work.stage][work.seq]
        if work.stage is Stage.CALLBACK:
            self._pushes_in_flight[work.message_id] -= 1
            if self._pushes_in_flight[work.message_id] <= 0:
                del self._pushes_in_flight[work.message_id]
        self._wake(work.stage)

    def _wake(self, stage: Stage) -> None:
        for woken in self._wakers[stage]:
            woken.set()

    def in_flight(self, stage: Stage) -> int:
        """How many rows of the stage are claimed at present."""
        return len(self._claimed[stage])

    def wake_on(self, stage: Stage, woken: asyncio.Event) -> None:
        """Sets `woken` whenever rows of the stage were committed or released."""
        self._wakers[stage].append(woken)

    async def next_due(self, stage: Stage, after: int) -> int | None:
        """The earliest `visible_at` in a stage later than `after`."""
        due: int | None = self._read_value(self._sql.next_due, {"stage": stage.value, "after": after})
        return due

    async def earliest_due(self) -> int | None:
        """The earliest `visible_at` of all rows, claimed ones included."""
        dues = [
            due
            for stage in Stage
            if (due := self._read_value(self._sql.next_due, {"stage": stage.value, "after": -1})) is not None
        ]
        return min(dues, default=None)

    async def backlog(self) -> dict[Stage, int]:
        """How many rows each stage has in the journal."""
        counts = {Stage(row[0]): int(row[1]) for row in self._read(self._sql.backlog, {})}
        return {stage: counts.get(stage, 0) for stage in Stage}

    # The ledger, read.

    async def find_message(self, message_id: MessageId) -> Message | None:
        """The message with that id, or None."""
        body = self._read_value(self._sql.message, _message_key(message_id))
        return None if body is None else decode_message(body)

    async def list_messages(self, account_id: AccountId, before: str | None, limit: int) -> list[Message]:
        """Messages of an account, newest first, with MessageIds below `before`."""
        rows = self._read(
            self._sql.messages_of_account,
            {"account_id": account_id, "before": before or _ABOVE_ALL_MESSAGE_IDS, "limit": limit},
        )
        return [decode_message(row[0]) for row in rows]

    async def last_inbound(self, channel: str, sender: str, user: str) -> int | None:
        """When a user last wrote to a sender."""
        at: int | None = self._read_value(
            self._sql.last_inbound, {"channel": channel, "sender": sender, "user": user}
        )
        return at

    async def template_counts(
        self, account_id: AccountId, template_code: str | None, since: int, until: int
    ) -> list[TemplateCount]:
        """The counters of one template of an account, or of all, between two times."""
        rows = self._read(
            self._sql.template_counts,
            {
                "account_id": account_id,
                "first": template_code or "",
                "last": template_code or _ABOVE_ALL_TEXTS,
                "since": since,
                "until": until,
            },
        )
        return [to_template_count(row) for row in rows]

    async def messages_between(
        self, account_id: AccountId, after: str, until: str, limit: int
    ) -> list[Message]:
        """Messages of an account, oldest first, with MessageIds above `after` and up to `until`."""
        rows = self._read(
            self._sql.messages_between,
            {"account_id": account_id, "after": after, "until": until, "limit": limit},
        )
        return [decode_message(row[0]) for row in rows]

    async def find_legs(self, message_id: MessageId) -> list[Leg]:
        """The legs of a message, leg 0 first."""
        return [to_leg(row) for row in self._read(self._sql.legs, _message_key(message_id))]

    async def find_attempts(self, message_id: MessageId) -> list[Attempt]:
        """All attempts of a message, oldest first."""
        return [to_attempt(row) for row in self._read(self._sql.attempts, _message_key(message_id))]

    async def find_attempt_by_number(self, number: int) -> Attempt | None:
        """The latest attempt with that number, or None."""
        rows = self._read(self._sql.attempt_by_number, {"number": number})
        return to_attempt(rows[0]) if rows else None

    async def find_events(self, message_id: MessageId) -> list[Event]:
        """The timeline of a message, oldest first."""
        return [Event(*row) for row in self._read(self._sql.events, {"message_id": message_id})]

    async def find_timers(self, message_id: MessageId) -> list[Work]:
        """The pending timers of a message, earliest due first."""
        return [to_work(row) for row in self._read(self._sql.timers, {"message_id": message_id})]

    async def list_callbacks(
        self,
        *,
        account_id: AccountId | None = None,
        message_id: MessageId | None = None,
        states: Sequence[CallbackState] = (),
        after: int = 0,
        limit: int = 1000,
    ) -> list[Callback]:
        """Callbacks with an id above `after`, oldest first."""
        callbacks: list[Callback] = []
        while len(callbacks) < limit:
            parameters: dict[str, Any] = {"after": after, "limit": limit}
            if message_id is not None:
                rows = self._read(self._sql.callbacks_of_message, parameters | {"message_id": message_id})
            elif tuple(states) == (CallbackState.DEAD,):
                rows = self._read(self._sql.dead_callbacks, parameters)
            else:
                rows = self._read(self._sql.callbacks, parameters)
            if not rows:
                break
            after = rows[-1][0]
            callbacks += [
                callback
                for callback in map(to_callback, rows)
                if (account_id is None or callback.account_id == account_id)
                and (not states or callback.state in states)
            ]
        return callbacks[:limit]

    async def callbacks_since(self, at: int) -> int:
        """An id such that the callbacks with higher ones were made at `at` or later."""
        # Ids ascend with time, so a binary search spares an index that every callback would pay for.
        before, since = 0, 1 + (self._read_value(self._sql.latest_callback, {}) or 0)
        while since - before > 1:
            middle = (before + since) // 2
            rows = self._read(self._sql.next_callback, {"callback_id": middle})
            if rows and rows[0][1] < at:
                before = rows[0][0]
            else:
                since = middle
        return before

    async def find_callback(self, callback_id: int) -> Callback | None:
        """The callback with that id, or None."""
        rows = self._read(self._sql.callback, {"callback_id": callback_id})
        return to_callback(rows[0]) if rows else None

    # Facts.

    async def fact(self, name: str) -> str | None:
        """The named value about the installation, or None."""
        value: str | None = self._read_value(self._sql.fact, {"name": name})
        return value

    # Nonces.

    def nonce_used(self, access_key_id: str, digest: bytes, slices: Sequence[int]) -> bool:
        """Whether a nonce is recorded in one of the slices."""
        return any(
            self._read(
                self._sql.nonce_used,
                {"access_key_id": access_key_id, "digest": digest, "slice": slice_},
            )
            for slice_ in slices
        )

    def nonce_slices(self) -> list[int]:
        """The slices that have nonces, earliest first."""
        return [row[0] for row in self._read(self._sql.nonce_slices, {})]

    def nonces_in(self, slice_: int) -> list[tuple[str, bytes, int]]:
        """The nonces of a slice as (access key id, digest, slice)."""
        return self._read(self._sql.nonces_in, {"slice": slice_})

    async def forget_nonces(self, before: int, limit: int) -> int:
        """Removes up to `limit` nonces of the slices before `before`; returns how many."""

        def change(_: Transaction) -> int:
            self._cursor.execute(self._sql.forget_nonces, {"before": before, "limit": limit})
            return self._cursor.rowcount

        return await self.transact(change)

    # The whole database.

    async def clear(self) -> None:
        """Empties the journal and the ledger and keeps the configuration."""

        def change(_: Transaction) -> None:
            assert self._transaction is not None
            self._transaction.write_inserts()
            self._transaction.write_counts()
            for statement in self._sql.clear:
                self._cursor.execute(statement)

        await self.transact(change)
        for stage in Stage:
            self._claimed[stage].clear()
            self._wake(stage)
        self._pushes_in_flight.clear()

    async def close(self) -> None:
        """Completes pending transactions and closes the file."""
        await self._commits.close()
        self._reader.close()
        self._slow_reader.close()
        self._writer.close()

    def _read(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        return self._reader.execute(sql, parameters).fetchall()

    def _read_slowly(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        return self._slow_reader.execute(sql, parameters).fetchall()

    def _read_value(self, sql: str, parameters: dict[str, Any]) -> Any:
        row = self._reader.execute(sql, parameters).fetchone()
        return None if row is None else row[0]


def _message_key(message_id: MessageId) -> dict[str, Any]:
    return {"shard": shard_of(message_id), "message_id": message_id}
