"""What is old is removed: content and addresses first, then whole messages, and what people wrote.

A message is counted from when the last thing happened to it, and is left alone while there is work for it.
All is done in batches that are bounded by their caller, each in a transaction of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.identifiers import MessageId, shard_of
from waypost.model.message.message import Message
from waypost.model.message.sms_limits import HOUR_MS
from waypost.model.message.statuses import INBOUND_KIND
from waypost.model.redaction import EVENTS_WITH_WORDS, redacted_callback, redacted_message
from waypost.storage.schema import (
    attempt,
    callback,
    conversation,
    event,
    inbound,
    inbound_message,
    journal,
    leg,
    message,
    sms_count,
)

P = sa.bindparam
Rows = list[tuple[Any, ...]]

_decode_message = msgspec.json.Decoder(Message).decode
_ENDED_STATES = ("expired", "failed", "delivered", "read")


class MessageAge(NamedTuple):
    """A message, and what speaks for or against touching it.

    Attributes:
        last_change: when the last thing happened to it, milliseconds UTC.
        has_ended: whether all its legs have ended.
        has_work: whether a timer or a push of it waits.
    """

    message_id: MessageId
    last_change: int
    has_ended: bool
    has_work: bool


class RetentionStatements:
    """The SQL statements that remove what is old.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        of_leg = (leg.c.shard == message.c.shard, leg.c.message_id == message.c.message_id)
        ages = (
            message.c.message_id,
            sa.select(sa.func.max(leg.c.updated_at)).where(*of_leg).scalar_subquery(),
            sa.exists(sa.select(1).where(*of_leg, leg.c.state.not_in(_literals(_ENDED_STATES)))),
            # Each by its partial index.
            sa.exists(
                sa.select(1).where(
                    sa.text("journal.stage = 'timer'"), journal.c.message_id == message.c.message_id
                )
            ),
            sa.exists(
                sa.select(1).where(
                    sa.text("journal.stage = 'callback' AND journal.message_id <> ''"),
                    journal.c.message_id == message.c.message_id,
                )
            ),
        )
        self.ages = to_sql(
            sa.select(*ages)
            .where(
                message.c.shard == P("shard"),
                message.c.message_id > P("after"),
                message.c.message_id < P("before"),
            )
            .order_by(message.c.message_id)
            .limit(P("limit"))
        )
        self.age = to_sql(
            sa.select(*ages).where(message.c.shard == P("shard"), message.c.message_id == P("message_id"))
        )
        self.busy = to_sql(
            sa.select(journal.c.message_id)
            .distinct()
            .where(
                journal.c.stage.in_(_literals(("dispatch", "receipt"))),
                journal.c.message_id > sa.literal_column("''"),
                journal.c.message_id < P("before"),
            )
        )
        of_message = {
            table.name: (table.c.shard == P("of_shard"), table.c.message_id == P("of_message"))
            for table in (message, leg, attempt)
        }
        self.body = to_sql(sa.select(message.c.body).where(*of_message["message"]))
        self.set_body = to_sql(
            sa.update(message)
            .where(*of_message["message"])
            .values(body=P("new_body"), task_id=P("new_task_id"), tag=P("new_tag"))
        )
        self.redact = [
            to_sql(statement)
            for statement in (
                sa.update(leg)
                .where(*of_message["leg"])
                .values(
                    text=sa.case(
                        (
                            leg.c.recipient > sa.literal_column("''"),
                            sa.func.replace(leg.c.text, leg.c.recipient, sa.literal_column("'***'")),
                        ),
                        else_=leg.c.text,
                    ),
                    recipient=sa.literal_column("''"),
                    # A decision that was made on the message as it was is not written any more.
                    version=leg.c.version + sa.literal_column("1"),
                ),
                # Some providers' ids have the number in them.
                sa.update(attempt)
                .where(*of_message["attempt"])
                .values(
                    recipient=sa.literal_column("''"),
                    provider_id=sa.null(),
                    text=sa.literal_column("''"),
                    delivered_parts=sa.literal_column("''"),
                ),
                sa.update(event)
                .where(event.c.message_id == P("of_message"), event.c.kind.in_(_literals(EVENTS_WITH_WORDS)))
                .values(text=sa.literal_column("''")),
            )
        ]
        self.callbacks = to_sql(
            sa.select(callback.c.id, callback.c.body).where(callback.c.message_id == P("of_message"))
        )
        self.set_callback = to_sql(
            sa.update(callback).where(callback.c.id == P("of_id")).values(body=P("new_body"))
        )
        self.remove_events = to_sql(sa.delete(event).where(event.c.message_id == P("of_message")))
        self.remove_callbacks = [
            # Ids ascend from the highest, which therefore stays, for the next time.
            to_sql(
                sa.update(callback)
                .where(
                    callback.c.message_id == P("of_message"),
                    callback.c.id == sa.select(sa.func.max(callback.c.id)).scalar_subquery(),
                )
                .values(message_id=sa.literal_column("''"))
            ),
            to_sql(sa.delete(callback).where(callback.c.message_id == P("of_message"))),
        ]
        self.remove_message = [
            to_sql(sa.delete(table).where(*of_message[table.name])) for table in (attempt, leg, message)
        ]
        # Ids ascend with time, so only the first ones are looked at.
        ended_at = sa.func.coalesce(callback.c.ended_at, callback.c.created_at)
        of_no_message = callback.c.message_id == sa.literal_column("''")
        self.other_callbacks = to_sql(
            sa.select(callback.c.id, callback.c.kind, callback.c.state, ended_at, callback.c.body)
            .where(of_no_message, callback.c.id > P("after"))
            .order_by(callback.c.id)
            .limit(P("limit"))
        )
        first = (
            sa.select(callback.c.id, callback.c.state, ended_at.label("ended"))
            .where(of_no_message)
            .order_by(callback.c.id)
            .limit(P("limit"))
            .subquery()
        )
        old = sa.select(first.c.id).where(
            first.c.state != sa.literal_column("'waiting'"),
            first.c.ended <= P("until"),
            first.c.id < sa.select(sa.func.max(callback.c.id)).scalar_subquery(),
        )
        self.remove_other_callbacks = to_sql(sa.delete(callback).where(callback.c.id.in_(old)))
        self.remove_inbound = [
            to_sql(_older(table, column, *keys))
            for table, column, keys in (
                (inbound_message, inbound_message.c.at, ("id",)),
                (inbound, inbound.c.at, ("route", "provider_id")),
            )
        ]
        self.remove_sms_counts = to_sql(
            _older(sms_count, sms_count.c.hour, "account_id", "scope", "key", "hour")
        )
        self.remove_conversations = to_sql(
            _older(conversation, conversation.c.last_inbound, "channel", "sender", "user")
        )


def _literals(values: Iterable[str]) -> list[Any]:
    return [sa.literal_column(f"'{value}'") for value in values]


def _older(table: sa.Table, at: sa.Column[Any], *keys: str) -> ClauseElement:
    columns = [table.c[name] for name in keys]
    old = sa.select(*columns).where(at <= P("until")).limit(P("limit"))
    return sa.delete(table).where((columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(old))


class Retention:
    """Removes within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: RetentionStatements
    ) -> None:
        self._run = run
        self._sql = statements

    def ages(self, shard: int, after: str, before: str, limit: int) -> list[MessageAge]:
        """The first messages of a shard with an id above `after` and below `before`, by their ids."""
        parameters = {"shard": shard, "after": after, "before": before, "limit": limit}
        return [_to_age(row) for row in self._run(self._sql.ages, parameters)[0]]

    def age(self, message_id: MessageId) -> MessageAge | None:
        """One message; None if it is gone."""
        rows = self._run(self._sql.age, {"shard": shard_of(message_id), "message_id": message_id})[0]
        return _to_age(rows[0]) if rows else None

    def redact(self, message_ids: Iterable[MessageId]) -> tuple[int, int]:
        """Removes content and addresses of messages and of their callbacks; returns how many of each were
        not without them already."""
        messages = callbacks = 0
        for message_id in message_ids:
            key = _key(message_id)
            [(body,)] = self._run(self._sql.body, key)[0]
            found = _readable(body)
            # One that is damaged keeps nothing from the others; it is logged by whoever loads it, and goes as
            # a whole at its age.
            if found is not None and found.redacted:
                continue
            if found is not None:
                messages += 1
                redacted = redacted_message(found)
                changed = {
                    "new_body": msgspec.json.encode(redacted).decode(),
                    "new_task_id": redacted.task_id or None,
                    "new_tag": redacted.tag or None,
                }
                self._run(self._sql.set_body, key | changed)
            for statement in self._sql.redact:
                self._run(statement, key)
            callbacks += self.redact_callbacks(self._run(self._sql.callbacks, key)[0])
        return messages, callbacks

    def redact_callbacks(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Removes the content of callbacks, (id, body); returns of how many."""
        changed = 0
        for id_, body in rows:
            new_body = redacted_callback(body)
            if new_body != body:
                changed += 1
                self._run(self._sql.set_callback, {"of_id": id_, "new_body": new_body})
        return changed

    def remove_messages(self, message_ids: Iterable[MessageId]) -> None:
        """Removes messages with all that belongs to them."""
        ids = list(message_ids)
        self.remove_events(ids)
        self.remove_callbacks(ids)
        for message_id in ids:
            for statement in self._sql.remove_message:
                self._run(statement, _key(message_id))

    def remove_events(self, message_ids: Iterable[MessageId]) -> None:
        """Removes the timelines of messages."""
        for message_id in message_ids:
            self._run(self._sql.remove_events, _key(message_id))

    def remove_callbacks(self, message_ids: Iterable[MessageId]) -> None:
        """Removes the callbacks of messages; the latest of all stays, as one of no message."""
        for message_id in message_ids:
            for statement in self._sql.remove_callbacks:
                self._run(statement, _key(message_id))

    def redact_other_callbacks(self, after: int, until: int, limit: int) -> tuple[int, bool]:
        """Removes the content of callbacks of no message, among the first `limit` with ids above `after`, as
        far as they ended until then.

        Returns:
            Up to which id all is done, and whether there may be more.
        """
        rows = self._run(self._sql.other_callbacks, {"after": after, "limit": limit})[0]
        old = list(takewhile(lambda row: row[2] != "waiting" and row[3] <= until, rows))
        self.redact_callbacks((id_, body) for id_, kind, _, _, body in old if kind == INBOUND_KIND)
        return old[-1][0] if old else after, len(old) == limit

    def remove_other_callbacks(self, until: int, limit: int) -> int:
        """Removes callbacks of no message that ended until then, of the first `limit`; returns how many."""
        return self._run(self._sql.remove_other_callbacks, {"until": until, "limit": limit})[1]

    def remove_inbound(self, until: int, limit: int) -> int:
        """Removes up to `limit` rows of a kind of what people wrote until then; returns how many."""
        parameters = {"until": until, "limit": limit}
        return max(self._run(statement, parameters)[1] for statement in self._sql.remove_inbound)

    def remove_sms_counts(self, until: int, limit: int) -> int:
        """Removes up to `limit` counters of SMS, which have numbers, of the hours until then; returns how
        many."""
        return self._run(self._sql.remove_sms_counts, {"until": until // HOUR_MS, "limit": limit})[1]

    def remove_conversations(self, until: int, limit: int) -> int:
        """Removes up to `limit` people who wrote last until then; returns how many."""
        return self._run(self._sql.remove_conversations, {"until": until, "limit": limit})[1]


class RetentionReader:
    """Reads outside a transaction.

    Args:
        read_slowly: executes a statement on a second connection, in a thread.
    """

    def __init__(
        self, read_slowly: Callable[[str, dict[str, Any]], Rows], statements: RetentionStatements
    ) -> None:
        self._read_slowly = read_slowly
        self._sql = statements

    def busy(self, before: str) -> frozenset[MessageId]:
        """The messages with ids below `before` that are to be sent, or for which a receipt waits; looks at
        all such work, so it is for a thread."""
        return frozenset(row[0] for row in self._read_slowly(self._sql.busy, {"before": before}))


def _readable(body: str) -> Message | None:
    try:
        return _decode_message(body)
    except msgspec.DecodeError:
        return None


def _to_age(row: Sequence[Any]) -> MessageAge:
    message_id, last_change, is_open, has_timer, has_push = row
    return MessageAge(message_id, last_change or 0, not is_open, bool(has_timer or has_push))


def _key(message_id: MessageId) -> dict[str, Any]:
    return {"of_shard": shard_of(message_id), "of_message": message_id}
