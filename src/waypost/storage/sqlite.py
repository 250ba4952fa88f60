"""The store on SQLite: one process holds the file; in WAL with `synchronous=FULL` a commit is on disk."""

import asyncio
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from waypost.model.configuration import Entry
from waypost.model.identifiers import AccountId, MessageId, shard_of
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.client_tokens import ClientTokenReader
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
    to_entry,
    to_leg,
    to_template_count,
    to_work,
)
from waypost.storage.statements import Statements
from waypost.storage.suppressions import SuppressionReader
from waypost.storage.transaction import VERSION_FACT, SqlTransaction

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -16384",
    "PRAGMA temp_store = MEMORY",
    # A checkpoint costs two flushes; at 1,000 pages, the default, a full intake would pay them several
    # times a second.
    "PRAGMA wal_autocheckpoint = 8000",
)
_LAST = "9" * 25
_PAST_ALL_TEXTS = chr(0x10FFFF)


# Compiling them takes longer than opening a file; they are the same for every file.
_statements = cache(Statements)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


class SqliteStore:
    """`waypost.storage.contract.Store` on one SQLite file.

    Args:
        path: the file; made, and brought up to the current schema, when needed.

    Attributes:
        shards: one: a file has one writer anyway.
    """

    shards = 1

    def __init__(self, path: Path) -> None:
        bring_up_to_date(path)
        self._sql = _statements()
        self._writer = _connect(path)
        self._reader = _connect(path)
        self._aside = _connect(path)
        self._cursor = self._writer.cursor()
        self.suppressions = SuppressionReader(self._read, self._sql.suppressions)
        self.client_tokens = ClientTokenReader(self._read, self._sql.client_tokens)
        self.inbound_messages = InboundReader(self._read, self._sql.inbound_messages)
        self.queues = QueueReader(self._read, self._read_aside, self._sql.queue)
        self._open: SqlTransaction | None = None
        self._commits = GroupCommit(self)
        self._taken: dict[Stage, dict[int, Work]] = {stage: {} for stage in Stage}
        self._messages_in_push: Counter[str] = Counter()
        self._wakers: dict[Stage, list[asyncio.Event]] = defaultdict(list)

    # The shared transaction, for GroupCommit.

    def begin(self) -> Transaction:
        """Opens it."""
        self._cursor.execute("BEGIN IMMEDIATE")
        self._open = SqlTransaction(self._cursor, self._sql, self.suppressions.people)
        return self._open

    def flush(self) -> None:
        """Makes it durable."""
        assert self._open is not None
        self._open.write_inserts()
        self._open.write_counts()
        self._writer.commit()

    def undo(self) -> None:
        """Takes it back."""
        self._open = None
        self._writer.rollback()

    def flushed(self) -> None:
        """Lets go of finished work and wakes the stages that got some."""
        done, self._open = self._open, None
        assert done is not None
        for work in done.release:
            self._release(work)
        for stage in done.touched:
            self._wake(stage)
        if done.queues.touched:
            self.queues.committed(done.queues.touched)

    async def transact(self, change: Callable[[Transaction], T]) -> T:
        """Runs `change` and returns its result once it is flushed to disk."""
        return await self._commits.run(change)

    # The journal.

    async def claim(self, stage: Stage, limit: int, now: int) -> list[Work]:
        """Takes up to `limit` visible rows, oldest due first."""
        taken = self._taken[stage]
        read = limit + len(taken) + len(self._messages_in_push)
        while True:
            rows = self._read(self._sql.due, {"stage": stage.value, "now": now, "limit": read})
            free = [row for row in rows if row[0] not in taken and not self._held_back(stage, row)]
            if len(free) >= limit or len(rows) < read:
                break
            # More rows wait for a message that is being told than there are messages: look further.
            read *= 4
        works = [to_work(row) for row in free[:limit]]
        taken.update((work.seq, work) for work in works)
        if stage is Stage.CALLBACK:
            self._messages_in_push.update(work.message_id for work in works if work.message_id)
        return works

    def _held_back(self, stage: Stage, row: Row) -> bool:
        return stage is Stage.CALLBACK and row[2] in self._messages_in_push

    def release(self, works: Iterable[Work]) -> None:
        """Lets go of taken rows that nothing was done for."""
        for work in works:
            self._release(work)

    def _release(self, work: Work) -> None:
        # The number of a row that is gone is given again: a row is let go only by whoever was handed it.
        if self._taken[work.stage].get(work.seq) is not work:
            return
        del self._taken[work.stage][work.seq]
        if work.stage is Stage.CALLBACK:
            self._messages_in_push[work.message_id] -= 1
            if self._messages_in_push[work.message_id] <= 0:
                del self._messages_in_push[work.message_id]
        self._wake(work.stage)

    def _wake(self, stage: Stage) -> None:
        for woken in self._wakers[stage]:
            woken.set()

    def in_flight(self, stage: Stage) -> int:
        """How many rows of the stage are taken and not yet let go."""
        return len(self._taken[stage])

    def wake_on(self, stage: Stage, woken: asyncio.Event) -> None:
        """Sets `woken` whenever rows of the stage were committed or let go."""
        self._wakers[stage].append(woken)

    async def next_due(self, stage: Stage, after: int) -> int | None:
        """The earliest `visible_at` later than `after`."""
        due: int | None = self._value(self._sql.next_due, {"stage": stage.value, "after": after})
        return due

    async def earliest_due(self) -> int | None:
        """The earliest `visible_at` of all rows, taken ones too."""
        dues = [
            due
            for stage in Stage
            if (due := self._value(self._sql.next_due, {"stage": stage.value, "after": -1})) is not None
        ]
        return min(dues, default=None)

    async def backlog(self) -> dict[Stage, int]:
        """How many rows each stage has in the journal."""
        counts = {Stage(row[0]): int(row[1]) for row in self._read(self._sql.backlog, {})}
        return {stage: counts.get(stage, 0) for stage in Stage}

    # The ledger, read.

    async def find_message(self, message_id: MessageId) -> Message | None:
        """An accepted call."""
        body = self._value(self._sql.message, _of_message(message_id))
        return None if body is None else decode_message(body)

    async def list_messages(self, account_id: AccountId, before: str | None, limit: int) -> list[Message]:
        """Accepted calls of an account, newest first, from before the MessageId `before`."""
        rows = self._read(
            self._sql.messages_of_account,
            {"account_id": account_id, "before": before or _LAST, "limit": limit},
        )
        return [decode_message(row[0]) for row in rows]

    async def last_inbound(self, channel: str, sender: str, user: str) -> int | None:
        """When a user last wrote to a sender."""
        at: int | None = self._value(
            self._sql.last_inbound, {"channel": channel, "sender": sender, "user": user}
        )
        return at

    async def template_counts(
        self, account_id: AccountId, template_code: str | None, since: int, until: int
    ) -> list[TemplateCount]:
        """What was counted of one template of an account, or of all, in a stretch of time."""
        rows = self._read(
            self._sql.template_counts,
            {
                "account_id": account_id,
                "first": template_code or "",
                "last": template_code or _PAST_ALL_TEXTS,
                "since": since,
                "until": until,
            },
        )
        return [to_template_count(row) for row in rows]

    async def messages_between(
        self, account_id: AccountId, after: str, until: str, limit: int
    ) -> list[Message]:
        """Accepted calls of an account, oldest first: MessageIds above `after`, up to and with `until`."""
        rows = self._read(
            self._sql.messages_between,
            {"account_id": account_id, "after": after, "until": until, "limit": limit},
        )
        return [decode_message(row[0]) for row in rows]

    async def find_legs(self, message_id: MessageId) -> list[Leg]:
        """The legs of a message, leg 0 first."""
        return [to_leg(row) for row in self._read(self._sql.legs, _of_message(message_id))]

    async def find_attempts(self, message_id: MessageId) -> list[Attempt]:
        """All attempts of a message, oldest first."""
        return [to_attempt(row) for row in self._read(self._sql.attempts, _of_message(message_id))]

    async def find_attempt_by_number(self, number: int) -> Attempt | None:
        """The latest attempt with that number."""
        rows = self._read(self._sql.attempt_by_number, {"number": number})
        return to_attempt(rows[0]) if rows else None

    async def find_events(self, message_id: MessageId) -> list[Event]:
        """The timeline of a message, oldest first."""
        return [Event(*row) for row in self._read(self._sql.events, {"message_id": message_id})]

    async def find_timers(self, message_id: MessageId) -> list[Work]:
        """What still waits for a message, by due time."""
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
        found: list[Callback] = []
        while len(found) < limit:
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
            found += [
                callback
                for callback in map(to_callback, rows)
                if (account_id is None or callback.account_id == account_id)
                and (not states or callback.state in states)
            ]
        return found[:limit]

    async def callbacks_since(self, at: int) -> int:
        """An id such that the callbacks with higher ones were made at `at` or later."""
        # Ids rise with time: a search by halves needs no index that every callback would pay for.
        before, since = 0, 1 + (self._value(self._sql.latest_callback, {}) or 0)
        while since - before > 1:
            middle = (before + since) // 2
            found = self._read(self._sql.next_callback, {"callback_id": middle})
            if found and found[0][1] < at:
                before = found[0][0]
            else:
                since = middle
        return before

    async def find_callback(self, callback_id: int) -> Callback | None:
        """A callback."""
        rows = self._read(self._sql.callback, {"callback_id": callback_id})
        return to_callback(rows[0]) if rows else None

    # Configuration and facts.

    async def entries(self) -> list[Entry]:
        """The whole configuration."""
        return [to_entry(row) for row in self._read(self._sql.entries, {})]

    async def entry_keys(self, origin: str) -> set[tuple[str, str]]:
        """(kind, id) of all configuration declared by `origin`."""
        return {(row[0], row[1]) for row in self._read(self._sql.entry_keys, {"origin": origin})}

    async def configuration_version(self) -> int:
        """Moves with every change of the configuration."""
        return int(await self.fact(VERSION_FACT) or 0)

    async def fact(self, name: str) -> str | None:
        """One named fact about the installation."""
        value: str | None = self._value(self._sql.fact, {"name": name})
        return value

    # Nonces.

    def nonce_used(self, access_key_id: str, digest: bytes, slices: Sequence[int]) -> bool:
        """Whether a nonce was noted in one of the slices."""
        return any(
            self._read(
                self._sql.nonce_used,
                {"access_key_id": access_key_id, "digest": digest, "slice": slice_},
            )
            for slice_ in slices
        )

    def nonce_slices(self) -> list[int]:
        """The slices that have nonces."""
        return [row[0] for row in self._read(self._sql.nonce_slices, {})]

    def nonces_in(self, slice_: int) -> list[tuple[str, bytes, int]]:
        """The nonces of a slice: access key id, digest, slice."""
        return self._read(self._sql.nonces_in, {"slice": slice_})

    async def forget_nonces(self, before: int, limit: int) -> int:
        """Removes up to `limit` nonces of the slices before `before`; how many it removed."""

        def change(_: Transaction) -> int:
            self._cursor.execute(self._sql.forget_nonces, {"before": before, "limit": limit})
            return self._cursor.rowcount

        return await self.transact(change)

    # The whole of it.

    async def clear(self) -> None:
        """Empties the journal and the ledger."""

        def change(_: Transaction) -> None:
            assert self._open is not None
            self._open.write_inserts()
            self._open.write_counts()
            for statement in self._sql.clear:
                self._cursor.execute(statement)

        await self.transact(change)
        for stage in Stage:
            self._taken[stage].clear()
            self._wake(stage)
        self._messages_in_push.clear()

    async def close(self) -> None:
        """Finishes what is being committed and closes the file."""
        await self._commits.close()
        self._reader.close()
        self._aside.close()
        self._writer.close()

    def _read(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        return self._reader.execute(sql, parameters).fetchall()

    def _read_aside(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        return self._aside.execute(sql, parameters).fetchall()

    def _value(self, sql: str, parameters: dict[str, Any]) -> Any:
        row = self._reader.execute(sql, parameters).fetchone()
        return None if row is None else row[0]


def _of_message(message_id: MessageId) -> dict[str, Any]:
    return {"shard": shard_of(message_id), "message_id": message_id}
