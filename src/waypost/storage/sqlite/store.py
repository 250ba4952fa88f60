"""The store on a SQLite file; WAL with `synchronous=FULL` puts each commit on disk."""

import asyncio
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, TypeVar

from waypost.clock import real_seconds, steady_seconds
from waypost.model.identifiers import NO_MESSAGE, AccountId, MessageId, shard_of
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.audit import AuditReader
from waypost.storage.backlogs import BacklogReader
from waypost.storage.call_records import CallRecordReader
from waypost.storage.cancellations import CancellationReader
from waypost.storage.changes import Change, Refusal
from waypost.storage.client_tokens import ClientTokenReader
from waypost.storage.commit_feed import CommitListener
from waypost.storage.configuration import ConfigurationReader
from waypost.storage.contract import FilesLostError, StoreUnavailableError, Transaction
from waypost.storage.conversations import ConversationReader
from waypost.storage.inbound_messages import InboundReader
from waypost.storage.migrations import bring_up_to_date
from waypost.storage.private_files import prepare_database
from waypost.storage.queue_messages import QueueReader
from waypost.storage.records import (
    Callback,
    CallbackState,
    Correspondents,
    Event,
    Lease,
    MessageRecord,
    Stage,
    Watermark,
    Work,
)
from waypost.storage.rejected_webhooks import RejectedWebhookReader
from waypost.storage.retention import RetentionReader
from waypost.storage.route_states import RouteStateReader
from waypost.storage.rows import Row, decode_message, to_attempt, to_callback, to_leg, to_work
from waypost.storage.sql_text import sql_text
from waypost.storage.sqlite.callbacks import callbacks_since, list_callbacks
from waypost.storage.sqlite.claims import Claim, lanes_of, next_dues
from waypost.storage.sqlite.connections import READER_BUSY_TIMEOUT_S, Reader, connect
from waypost.storage.sqlite.loads import Loads
from waypost.storage.sqlite.message_search import MessageSearchReader
from waypost.storage.sqlite.node import Node
from waypost.storage.sqlite.person_traces import PersonTraceReader
from waypost.storage.sqlite.template_counts import template_counts
from waypost.storage.sqlite.transactions import Closure, Transactions
from waypost.storage.sqlite.watched_files import WatchedFiles
from waypost.storage.sqlite.writer import Writer
from waypost.storage.suppressions import SuppressionReader

T = TypeVar("T")


class SqliteStore:
    """`waypost.storage.contract.Store` on one SQLite file.

    Args:
        path: the file; created, or migrated to the current schema, if needed.
        durable: whether a commit waits for the disk.
        real_seconds: real time in seconds UTC, by which leases end.
        executor: where transactions wait for the database; a thread of its own if there is none.

    Attributes:
        shards: always 1, because a file has one writer.
        watch, condition, flushes: see `waypost.storage.contract.Store`.
    """

    shards = 1

    def __init__(
        self,
        path: Path,
        *,
        real_seconds: Callable[[], float] = real_seconds,
        durable: bool = True,
        executor: Executor | None = None,
    ) -> None:
        prepare_database(path)
        bring_up_to_date(path)
        self._path = path
        self._real_seconds = real_seconds
        self._durable = durable
        self._sql = sql_text().statements
        self._reader = Reader(path, busy_timeout=READER_BUSY_TIMEOUT_S)
        self._slow_reader = Reader(path)
        self._loads = Loads(self._query)
        self.suppressions = SuppressionReader(self._read, self._sql.suppressions)
        self.client_tokens = ClientTokenReader(self._read, self._sql.client_tokens)
        self.inbound_messages = InboundReader(self._read, self._sql.inbound_messages)
        self.rejected_webhooks = RejectedWebhookReader(self._read, self._sql.rejected_webhooks)
        self.conversations = ConversationReader(self._read, self._sql.conversations)
        self.queues = QueueReader(self._read, self._read_slowly, self._sql.queue)
        self.configuration = ConfigurationReader(self._read, self._sql.configuration)
        self.call_records = CallRecordReader(self._read, self._read_slowly, self._sql.call_records)
        self.messages = MessageSearchReader(self._query_slowly)
        self.audit = AuditReader(self._read, self._sql.audit)
        self.cancellations = CancellationReader(self._read, self._read_slowly, self._sql.cancellations)
        self.backlogs = BacklogReader(self._read_slowly, self._sql.backlogs)
        self.retention = RetentionReader(self._read_slowly, self._sql.retention)
        self.route_states = RouteStateReader(self._read, self._sql.route_states)
        self.person_traces = PersonTraceReader(self._query_slowly)
        self._node: Node | None = None
        self._joining = threading.Lock()
        # A first read makes SQLite create the companions of the file.
        self._read(self._sql.fact, {"name": ""})
        self._files = WatchedFiles.of_database(path)
        writer = connect(path, durable=durable, busy_timeout=0.0)
        people = self.suppressions.people
        self._transactions = Transactions(writer, self._sql, people, self.node, self._files.check)
        self._writer = Writer(self._transactions.run, self._committed, executor)
        self.watch = self._files.add
        self.condition = self._writer.condition
        self.flushes = self._writer.flushes
        self._listeners: dict[Stage, list[Callable[[str, int], None]]] = defaultdict(list)
        self._commit_listener: CommitListener | None = None

    def node(self) -> Node:
        """The node that this process is on this database; it joins at the first need of one."""
        with self._joining:
            if self._node is None:
                connection = connect(self._path, durable=self._durable)
                try:
                    node = self._node = Node(self._path, connection)
                    self._files.add(node.lock_file)
                except sqlite3.Error as error:
                    raise StoreUnavailableError(str(error)) from None
                finally:
                    connection.close()
        return self._node

    def node_number(self) -> int:
        """The number of this process among those that use the database."""
        return self.node().number

    def run(self) -> int:
        """The number of this run, never used twice."""
        return self.node().run

    def _committed(self) -> None:
        """Tells the stages and queues which have new rows, on the event loop."""
        enqueued, queues = self._transactions.take_news()
        for (stage, lane), visible_at in enqueued.items():
            for listener in self._listeners[stage]:
                listener(lane, visible_at)
        if queues:
            self.queues.notify(queues)
        if self._commit_listener is not None:
            self._commit_listener(self._transactions.take_commands())

    def observe(self, listener: CommitListener | None) -> None:
        """Calls `listener` with what this process writes from now on; None for nobody."""
        self._commit_listener = listener
        self._transactions.keep_commands(listener is not None)

    def when_lost(self, listener: Callable[[FilesLostError], None]) -> None:
        """Calls `listener`, on the event loop and once, when a file of the store was taken away."""
        self._writer.when_lost = listener

    # Writing.

    def apply(
        self, changes: Sequence[Change], *, bounded: bool = False
    ) -> asyncio.Future[list[Refusal | Exception | None]]:
        """Writes changes, each whole or not at all; the future has why each was refused, or None."""
        return self._writer.put(changes, bounded=bounded)

    def transact(self, change: Callable[[Transaction], T], *, bounded: bool = False) -> asyncio.Future[T]:
        """Runs `change`; the future has its result once it is flushed to disk."""
        return self._writer.put(Closure(change), bounded=bounded)

    # The journal.

    def lease(self, seconds: float) -> Lease:
        """A claim on a row that is written with it."""
        return self.node().lease(int((self._real_seconds() + seconds) * 1000), steady_seconds() + seconds)

    async def claim(self, stage: Stage, lanes: Mapping[str, int], now: int, lease: float) -> list[Work]:
        """Claims rows that are due, up to a number for each lane, for `lease` seconds."""
        real_now = int(self._real_seconds() * 1000)
        works: list[Work] = await self._writer.put(Claim(stage, lanes, now, real_now, self.lease(lease)))
        return works

    def listen(self, stage: Stage, listener: Callable[[str, int], None]) -> None:
        """Calls `listener` with each lane that a transaction of this process has added rows to, and the
        earliest `visible_at` of those."""
        self._listeners[stage].append(listener)

    async def changed_elsewhere(self) -> bool:
        """Whether another process or handle has written since the last call."""
        changed: bool = await self._writer.put(None)
        return changed

    async def lanes(self, stage: Stage, after: int = -1) -> list[tuple[str, int | None]]:
        """The lanes of a stage, each with its earliest `visible_at` above `after`, or None."""
        return await asyncio.to_thread(lanes_of, self._query_slowly, stage, after)

    async def next_dues(self, stage: Stage, lanes: Sequence[str], after: int) -> dict[str, int | None]:
        """The earliest `visible_at` above `after` of each of the lanes, or None."""
        return next_dues(self._query, stage, lanes, after)

    async def next_due(self, stage: Stage, after: int) -> int | None:
        """The earliest `visible_at` in a stage later than `after`."""
        dues = (due for _, due in lanes_of(self._query, stage, after) if due is not None)
        return min(dues, default=None)

    async def earliest_due(self) -> int | None:
        """The earliest `visible_at` of all rows, claimed ones included."""
        dues = [await self.next_due(stage, -1) for stage in Stage]
        return min((due for due in dues if due is not None), default=None)

    async def backlog(self) -> dict[Stage, int]:
        """How many rows each stage has in the journal."""
        counts = {Stage(row[0]): int(row[1]) for row in self._read(self._sql.backlog, {})}
        return {stage: counts.get(stage, 0) for stage in Stage}

    # What a batch needs.

    async def load(self, message_ids: Iterable[MessageId]) -> dict[MessageId, MessageRecord]:
        """The messages with these ids that exist, with their legs and attempts."""
        return self._loads.messages(message_ids)

    async def attempts_by_provider_id(self, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Attempt]:
        """The attempts that a provider answered with these ids, by (route, id)."""
        return self._loads.attempts_by_provider_id(ids)

    async def unanswered_attempts(
        self, people: Sequence[Correspondents]
    ) -> dict[Correspondents, list[Attempt]]:
        """The attempts without a provider's id of a sender to a recipient, oldest first."""
        return self._loads.unanswered_attempts(people)

    async def attempts_behind(self, watermarks: Sequence[Watermark]) -> list[list[Attempt]]:
        """For each watermark the attempts that it may cover, oldest first."""
        return self._loads.attempts_behind(watermarks)

    async def waiting_callbacks(self, works: Iterable[Work]) -> list[Callback]:
        """The callbacks that wait for these pushes, in the order of publishing."""
        return self._loads.waiting_callbacks(works)

    # The ledger, read.

    async def find_message(self, message_id: MessageId) -> Message | None:
        """The message with that id, or None."""
        body = self._read_value(self._sql.message, _message_key(message_id))
        return None if body is None else decode_message(body)

    def latest_message_id(self) -> MessageId:
        """The highest MessageId; empty if there are no messages."""
        return MessageId(self._read_value(self._sql.latest_message_id, {}) or NO_MESSAGE)

    def request_and_route(self, message_id: MessageId) -> tuple[str, str]:
        """The RequestId of a message's call, and the route of its last leg; each empty if it is not known."""
        rows = self._read(self._sql.request_and_route, _message_key(message_id))
        return (rows[0][0] or "", rows[0][1] or "") if rows else ("", "")

    async def messages_of_request(self, request_id: str, limit: int) -> list[Message]:
        """The messages of the call with that RequestId, by their MessageIds."""
        rows = self._read(self._sql.messages_of_request, {"request_id": request_id, "limit": limit})
        return [decode_message(row[0]) for row in rows]

    async def template_counts(
        self, account_id: AccountId, template_code: str | None, since: int, until: int
    ) -> list[TemplateCount]:
        """The counters of one template of an account, or of all, between two times."""
        return template_counts(self._read, self._sql, account_id, template_code, since, until)

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
        return list_callbacks(
            self._read,
            self._sql,
            account_id=account_id,
            message_id=message_id,
            states=states,
            after=after,
            limit=limit,
        )

    async def callbacks_since(self, at: int) -> int:
        """An id such that the callbacks with higher ones were made at `at` or later."""
        return callbacks_since(self._read, self._sql, at)

    async def find_callback(self, callback_id: int) -> Callback | None:
        """The callback with that id, or None."""
        rows = self._read(self._sql.callback, {"callback_id": callback_id})
        return to_callback(rows[0]) if rows else None

    async def fact(self, name: str) -> str | None:
        """The named value about the installation, or None."""
        value: str | None = self._read_value(self._sql.fact, {"name": name})
        return value

    def nonce_used(self, access_key_id: str, digest: bytes, slices: Sequence[int]) -> bool:
        """Whether a nonce is recorded in one of the slices."""
        key = {"access_key_id": access_key_id, "digest": digest}
        return any(self._read(self._sql.nonce_used, key | {"slice": slice_}) for slice_ in slices)

    def nonce_slices(self) -> list[int]:
        """The slices that have nonces, earliest first."""
        return [row[0] for row in self._read(self._sql.nonce_slices, {})]

    def nonces_in(self, slice_: int) -> list[tuple[str, bytes, int]]:
        """The nonces of a slice as (access key id, digest, slice)."""
        return self._read(self._sql.nonces_in, {"slice": slice_})

    async def forget_nonces(self, before: int, limit: int) -> int:
        """Removes up to `limit` nonces of the slices before `before`; returns how many."""
        removed: int = await self._writer.put(Closure(lambda tx: tx.forget_nonces(before, limit)))
        return removed

    async def fold_template_counts(self) -> None:
        """Adds what was counted since the last time to the counters of the templates."""
        await self._writer.put(Closure(lambda tx: tx.fold_template_counts()))

    # The whole database.

    async def clear(self) -> None:
        """Empties the journal and the ledger and keeps the configuration."""
        await self._writer.put(Closure(lambda tx: tx.clear()))

    async def close(self) -> None:
        """Completes pending transactions and closes the file."""
        # Not on the event loop: what is left in the write-ahead log is moved and flushed then.
        await self._writer.close(self._close_connections)

    def _close_connections(self) -> None:
        self._transactions.close()
        self._reader.close()
        self._slow_reader.close()
        if self._node is not None:
            self._node.leave()

    def _query(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        return self._reader.fetch(sql, parameters)

    def _query_slowly(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        return self._slow_reader.fetch(sql, parameters)

    def _read(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        return self._reader.fetch(sql, parameters)

    def _read_slowly(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        return self._slow_reader.fetch(sql, parameters)

    def _read_value(self, sql: str, parameters: dict[str, Any]) -> Any:
        rows = self._reader.fetch(sql, parameters)
        return rows[0][0] if rows else None


def _message_key(message_id: MessageId) -> dict[str, Any]:
    return {"shard": shard_of(message_id), "message_id": message_id}
