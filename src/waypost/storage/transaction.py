"""A transaction on a DB-API cursor, which the changes of a group commit share."""

from typing import Any, Protocol

from waypost.model.identifiers import MessageId, shard_of
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.client_tokens import ClientTokens
from waypost.storage.configuration import ConfigurationChanges
from waypost.storage.inbound_messages import InboundMessages
from waypost.storage.queue_messages import QueueChanges
from waypost.storage.records import Callback, CallbackState, Event, Stage, Work
from waypost.storage.rows import (
    Row,
    attempt_row,
    callback_row,
    decode_message,
    encode,
    leg_row,
    to_attempt,
    to_callback,
    to_leg,
)
from waypost.storage.statements import Statements
from waypost.storage.suppressions import ListedPeople, Suppressions


class Cursor(Protocol):
    """The part of a DB-API cursor that the transaction uses."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        ...

    def execute(self, sql: str, parameters: Any = ..., /) -> object:
        """Executes one statement."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """All remaining rows."""
        ...


class SqlTransaction:
    """`waypost.storage.contract.Transaction` on SQL.

    Attributes:
        touched: the stages with new work.
        released: work that was finished or postponed, whose claims end with the commit.
        suppressions, client_tokens, inbound_messages, queues, configuration: see
            `waypost.storage.contract.Transaction`.
    """

    def __init__(self, cursor: Cursor, statements: Statements, people: ListedPeople) -> None:
        self._cursor = cursor
        self._sql = statements
        self.touched: set[Stage] = set()
        self.released: list[Work] = []
        self._messages: list[Row] = []
        self._journal: list[Row] = []
        self._nonces: list[Row] = []
        self._events: list[Row] = []
        self._counts: dict[tuple[str, str, str, int], list[int]] = {}
        self.suppressions = Suppressions(self._run, statements.suppressions, people)
        self.client_tokens = ClientTokens(self._run, statements.client_tokens)
        self.inbound_messages = InboundMessages(self._run, statements.inbound_messages)
        self.queues = QueueChanges(self._run, statements.queue)
        self.configuration = ConfigurationChanges(self._run, statements.configuration)

    def _execute(self, sql: str, parameters: dict[str, Any]) -> None:
        self.write_inserts()
        self._cursor.execute(sql, parameters)

    def _run(self, sql: str, parameters: dict[str, Any]) -> tuple[list[Row], int]:
        self._execute(sql, parameters)
        return self._cursor.fetchall(), self._cursor.rowcount

    def _fetch_row(self, sql: str, parameters: dict[str, Any]) -> Row | None:
        self._execute(sql, parameters)
        row: Row | None = self._cursor.fetchone()
        return row

    def write_inserts(self) -> None:
        """Writes the collected inserts in bulk; called before each other statement and before the commit."""
        for insert, rows in (
            (self._sql.add_messages, self._messages),
            (self._sql.enqueue, self._journal),
            (self._sql.claim_nonces, self._nonces),
            (self._sql.add_events, self._events),
        ):
            if rows:
                for sql, parameters in insert.parts(rows):
                    self._cursor.execute(sql, parameters)
                rows.clear()

    def write_counts(self) -> None:
        """Writes the collected counts, with one statement a counter; called before the commit."""
        for key, sums in self._counts.items():
            row = dict(zip(TemplateCount.__struct_fields__, (*key, *sums), strict=True))
            self._cursor.execute(self._sql.add_template_count, row)
        self._counts.clear()

    def count_template(self, count: TemplateCount) -> None:
        """Adds to the counters of a template for that half-hour."""
        key = count.account_id, count.template_code, count.language, count.start
        sums = self._counts.setdefault(key, [0, 0, 0])
        sums[0] += count.sent
        sums[1] += count.delivered
        sums[2] += count.read

    def enqueue(self, stage: Stage, message_id: MessageId, body: str, visible_at: int) -> None:
        """Writes work to the journal."""
        self.touched.add(stage)
        shard = shard_of(message_id) if message_id else 0
        self._journal.append((shard, stage.value, message_id, visible_at, body, 0))

    def finish(self, work: Work) -> None:
        """Removes work from the journal."""
        self.released.append(work)
        self._execute(self._sql.finish, {"of_seq": work.seq, "of_message": work.message_id})

    def postpone(self, work: Work, visible_at: int, *, tried: bool = True) -> None:
        """Makes work visible again at `visible_at`; `tried` counts one more try."""
        self.released.append(work)
        self._execute(
            self._sql.postpone,
            {"of_seq": work.seq, "of_message": work.message_id, "until": visible_at, "tried": int(tried)},
        )
        if work.stage is Stage.CALLBACK and work.message_id:
            self._execute(
                self._sql.hold_back_callbacks,
                {"of_message": work.message_id, "until": visible_at, "tried": int(tried)},
            )

    def drop_timers(self, message_id: MessageId) -> None:
        """Removes all timers of a message from the journal."""
        self._execute(self._sql.drop_timers, {"of_message": message_id})

    def add_message(self, message: Message) -> None:
        """Writes a new message."""
        self._messages.append(
            (message.shard, message.message_id, message.account_id, encode(message).decode())
        )

    def message(self, message_id: MessageId) -> Message | None:
        """The message with that id, or None."""
        row = self._fetch_row(self._sql.message, {"shard": shard_of(message_id), "message_id": message_id})
        return None if row is None else decode_message(row[0])

    def legs(self, message_id: MessageId) -> list[Leg]:
        """The legs of a message, leg 0 first."""
        self._execute(self._sql.legs, {"shard": shard_of(message_id), "message_id": message_id})
        return [to_leg(row) for row in self._cursor.fetchall()]

    def put_leg(self, leg: Leg) -> None:
        """Writes a leg, new or changed."""
        self._execute(self._sql.put_leg, leg_row(leg))

    def put_attempt(self, attempt: Attempt) -> None:
        """Writes an attempt, new or changed."""
        self._execute(self._sql.put_attempt, attempt_row(attempt))

    def attempts(self, message_id: MessageId, leg: int) -> list[Attempt]:
        """The attempts of a leg, oldest first."""
        self._execute(self._sql.attempts, {"shard": shard_of(message_id), "message_id": message_id})
        return [attempt for row in self._cursor.fetchall() if (attempt := to_attempt(row)).leg == leg]

    def attempt_by_provider_id(self, route: str, provider_id: str) -> Attempt | None:
        """The attempt that a provider answered with that id, or None."""
        row = self._fetch_row(self._sql.attempt_by_provider_id, {"route": route, "provider_id": provider_id})
        return None if row is None else to_attempt(row)

    def attempts_behind(self, route: str, prefix: str, *, since: int, read: bool) -> list[Attempt]:
        """The attempts whose provider id begins with `prefix` and whose leg is not delivered (or read)."""
        self._execute(
            self._sql.attempts_behind,
            {
                "route": route,
                "first": prefix,
                "past": prefix[:-1] + chr(ord(prefix[-1]) + 1),
                "since": since,
                "enough": "read" if read else "delivered",
            },
        )
        return [to_attempt(row) for row in self._cursor.fetchall()]

    def unanswered_attempts(self, route: str, sender: str, recipient: str) -> list[Attempt]:
        """The attempts of a sender to a recipient that have no provider id."""
        self._execute(
            self._sql.unanswered_attempts,
            {"route": route, "sender": sender, "recipient": recipient},
        )
        return [to_attempt(row) for row in self._cursor.fetchall()]

    def add_event(self, event: Event) -> None:
        """Appends an event to the timeline of its message."""
        self._events.append(
            (shard_of(event.message_id), event.message_id, event.leg, event.at, event.kind, event.text)
        )

    def add_callback(self, callback: Callback) -> None:
        """Writes a callback and, if it is waiting, enqueues its push after those of its message before it."""
        row = self._fetch_row(self._sql.add_callback, callback_row(callback))
        assert row is not None
        if callback.state is CallbackState.WAITING:
            self._enqueue_callback(row[0], callback.message_id, callback.created_at)

    def _enqueue_callback(self, callback_id: int, message_id: MessageId, now: int) -> None:
        due = now
        if message_id:
            row = self._fetch_row(self._sql.latest_callback_due, {"message_id": message_id})
            if row is not None and row[0] is not None:
                due = max(now, row[0])
        self.enqueue(Stage.CALLBACK, message_id, str(callback_id), due)

    def callback(self, callback_id: int) -> Callback | None:
        """The callback with that id, or None."""
        row = self._fetch_row(self._sql.callback, {"callback_id": callback_id})
        return None if row is None else to_callback(row)

    def end_callback(self, callback: Callback) -> None:
        """Updates a callback: its URL, state, tries, error and ended_at."""
        self._execute(
            self._sql.end_callback,
            {
                "callback_id": callback.id,
                "url": callback.url,
                "state": callback.state.value,
                "tries": callback.tries,
                "error": callback.error,
                "ended_at": callback.ended_at,
            },
        )

    def replay_callback(self, callback: Callback, url: str, now: int) -> None:
        """Enqueues a delivered or dead callback again, to be pushed to `url`."""
        callback.url = url
        callback.state = CallbackState.WAITING
        callback.tries = 0
        callback.ended_at = None
        self.end_callback(callback)
        self._enqueue_callback(callback.id, callback.message_id, now)

    def add_inbound(self, route: str, provider_id: str, at: int) -> bool:
        """Records the provider's id of a user's message; False if it is recorded already."""
        self._execute(self._sql.add_inbound, {"route": route, "provider_id": provider_id, "at": at})
        return self._cursor.rowcount > 0

    def put_last_inbound(self, channel: str, sender: str, user: str, at: int) -> None:
        """Records when a user wrote to a sender, unless a later time is recorded already."""
        self._execute(
            self._sql.put_last_inbound,
            {"channel": channel, "sender": sender, "user": user, "last_inbound": at},
        )

    def claim_nonce(self, access_key_id: str, digest: bytes, slice_: int) -> None:
        """Records a used nonce in its slice of time."""
        self._nonces.append((slice_, access_key_id, digest))

    def set_fact(self, name: str, value: str) -> None:
        """Writes a named value about the installation."""
        self._execute(self._sql.set_fact, {"name": name, "value": value})
