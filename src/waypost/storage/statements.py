"""Every SQL statement of the store, written with SQLAlchemy Core and compiled once for a dialect.

They are executed on the driver's own cursor with a dict of parameters: on the hot path SQLAlchemy's execution
layer would cost several times what the statement does.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

from waypost.storage.client_tokens import ClientTokenStatements
from waypost.storage.configuration import ConfigurationStatements
from waypost.storage.inbound_messages import InboundStatements
from waypost.storage.queue_statements import QueueStatements
from waypost.storage.schema import (
    attempt,
    callback,
    conversation,
    event,
    fact,
    inbound,
    journal,
    leg,
    message,
    metadata,
    nonce,
    template_count,
)
from waypost.storage.suppressions import SuppressionStatements

P = sa.bindparam
SQLITE = sqlite.dialect(paramstyle="named")


def _compile(statement: ClauseElement, dialect: Dialect) -> str:
    """Compiles a statement and writes out the integers that SQLAlchemy bound by itself (LIMIT 1)."""
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    sql = str(compiled)
    for name, value in compiled.params.items():
        if isinstance(value, int):
            sql = sql.replace(compiled.bindtemplate % {"name": name}, str(value))
    return sql


def _upsert(table: sa.Table) -> ClauseElement:
    insert = sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    return insert.on_conflict_do_update(
        index_elements=keys,
        set_={column.name: insert.excluded[column.name] for column in table.c if column.name not in keys},
    )


def _insert_of(table: sa.Table, *without: str) -> ClauseElement:
    names = [column.name for column in table.c if column.name not in without]
    return sa.insert(table).values({name: P(name) for name in names})


class BulkInsert:
    """Inserts many rows with few statements, because each execution costs a switch of threads.

    The rows are split into parts of fixed sizes, so that the driver's cache has each statement prepared.
    """

    _PARTS = (64, 16, 4, 1)

    def __init__(self, table: sa.Table, *, without: str = "", suffix: str = "") -> None:
        self.columns = tuple(column.name for column in table.c if column.name != without)
        head = f"INSERT INTO {table.name} ({', '.join(self.columns)}) VALUES "
        row = f"({', '.join('?' * len(self.columns))})"
        self._sql = {size: head + ", ".join([row] * size) + suffix for size in self._PARTS}

    def parts(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
        """The statements and their parameters that insert `rows` in order."""
        start = 0
        for size in self._PARTS:
            while len(rows) - start >= size:
                part = rows[start : start + size]
                start += size
                yield self._sql[size], [value for row in part for value in row]


class Statements:
    """The SQL text of each statement in one dialect, as an attribute named by what it does."""

    def __init__(self, dialect: Dialect = SQLITE) -> None:
        def to_sql(statement: ClauseElement) -> str:
            return _compile(statement, dialect)

        self.suppressions = SuppressionStatements(to_sql)
        self.client_tokens = ClientTokenStatements(to_sql)
        self.inbound_messages = InboundStatements(to_sql)
        self.configuration = ConfigurationStatements(to_sql)

        # The ledger, written.
        self.add_messages = BulkInsert(message)
        self.put_leg = to_sql(_upsert(leg))
        self.put_attempt = to_sql(_upsert(attempt))
        self.add_events = BulkInsert(event, without="id")
        self.add_callback = to_sql(_insert_of(callback, "id").returning(callback.c.id))  # type: ignore[attr-defined]
        self.end_callback = to_sql(
            sa.update(callback)
            .where(callback.c.id == P("callback_id"))
            .values({name: P(name) for name in ("state", "tries", "error", "ended_at", "url")})
        )
        self.add_inbound = to_sql(sqlite.insert(inbound).on_conflict_do_nothing())
        later = sqlite.insert(conversation)
        self.put_last_inbound = to_sql(
            later.on_conflict_do_update(
                index_elements=list(conversation.primary_key),
                set_={"last_inbound": later.excluded.last_inbound},
                where=later.excluded.last_inbound > conversation.c.last_inbound,
            )
        )
        more = sqlite.insert(template_count)
        counters = ("sent", "delivered", "read")
        self.add_template_count = to_sql(
            more.on_conflict_do_update(
                index_elements=list(template_count.primary_key),
                set_={name: template_count.c[name] + more.excluded[name] for name in counters},
            )
        )
        self.claim_nonces = BulkInsert(nonce, suffix=" ON CONFLICT DO NOTHING")
        old = sa.select(*nonce.primary_key).where(nonce.c.slice < P("before")).limit(P("limit"))
        self.forget_nonces = to_sql(sa.delete(nonce).where(sa.tuple_(*nonce.primary_key).in_(old)))
        self.set_fact = to_sql(_upsert(fact))

        # The ledger, read.
        self.message = to_sql(sa.select(message.c.body).where(*_is_of_message(message)))
        self.messages_of_account = to_sql(
            sa.select(message.c.body)
            .where(message.c.account_id == P("account_id"), message.c.message_id < P("before"))
            .order_by(message.c.message_id.desc())
            .limit(P("limit"))
        )
        self.last_inbound = to_sql(
            sa.select(conversation.c.last_inbound).where(
                conversation.c.channel == P("channel"),
                conversation.c.sender == P("sender"),
                conversation.c.user == P("user"),
            )
        )
        self.template_counts = to_sql(
            sa.select(template_count)
            .where(
                template_count.c.account_id == P("account_id"),
                template_count.c.template_code >= P("first"),
                template_count.c.template_code <= P("last"),
                template_count.c.start >= P("since"),
                template_count.c.start < P("until"),
            )
            .order_by(*template_count.primary_key)
        )
        self.messages_between = to_sql(
            sa.select(message.c.body)
            .where(
                message.c.account_id == P("account_id"),
                message.c.message_id > P("after"),
                message.c.message_id <= P("until"),
            )
            .order_by(message.c.message_id)
            .limit(P("limit"))
        )
        self.legs = to_sql(sa.select(leg).where(*_is_of_message(leg)).order_by(leg.c.leg))
        self.attempts = to_sql(
            sa.select(attempt).where(*_is_of_message(attempt)).order_by(attempt.c.leg, attempt.c.attempt)
        )
        self.attempt_by_provider_id = to_sql(
            sa.select(attempt)
            .where(attempt.c.route == P("route"), attempt.c.provider_id == P("provider_id"))
            .limit(1)
        )
        self.attempt_by_number = to_sql(
            sa.select(attempt)
            .where(attempt.c.number == P("number"))
            .order_by(attempt.c.started_at.desc())
            .limit(1)
        )
        self.attempts_behind = to_sql(
            sa.select(attempt)
            .join(
                leg,
                sa.and_(
                    leg.c.shard == attempt.c.shard,
                    leg.c.message_id == attempt.c.message_id,
                    leg.c.leg == attempt.c.leg,
                ),
            )
            .where(
                attempt.c.route == P("route"),
                attempt.c.provider_id >= P("first"),
                attempt.c.provider_id < P("past"),
                attempt.c.started_at >= P("since"),
                leg.c.state.not_in([P("enough"), sa.literal_column("'read'")]),
            )
            .order_by(attempt.c.started_at)
        )
        self.unanswered_attempts = to_sql(
            sa.select(attempt)
            .where(
                attempt.c.recipient == P("recipient"),
                attempt.c.sender == P("sender"),
                attempt.c.route == P("route"),
                attempt.c.provider_id.is_(None),
                # Written out, not bound: SQLite uses a partial index only for a literal condition.
                sa.text("attempt.outcome IN ('under_way', 'unknown')"),
            )
            .order_by(attempt.c.started_at)
        )
        self.events = to_sql(
            sa.select(event.c.message_id, event.c.leg, event.c.at, event.c.kind, event.c.text)
            .where(event.c.message_id == P("message_id"))
            .order_by(event.c.id)
        )
        self.callback = to_sql(sa.select(*_CALLBACK_COLUMNS).where(callback.c.id == P("callback_id")))
        self.callbacks_of_message = to_sql(
            sa.select(*_CALLBACK_COLUMNS)
            .where(callback.c.message_id == P("message_id"), callback.c.id > P("after"))
            .order_by(callback.c.id)
            .limit(P("limit"))
        )
        self.callbacks = to_sql(
            sa.select(*_CALLBACK_COLUMNS)
            .where(callback.c.id > P("after"))
            .order_by(callback.c.id)
            .limit(P("limit"))
        )
        self.latest_callback = to_sql(sa.select(sa.func.max(callback.c.id)))
        self.next_callback = to_sql(
            sa.select(callback.c.id, callback.c.created_at)
            .where(callback.c.id >= P("callback_id"))
            .order_by(callback.c.id)
            .limit(1)
        )
        self.dead_callbacks = to_sql(
            sa.select(*_CALLBACK_COLUMNS)
            .where(sa.text("callback.state = 'dead'"), callback.c.id > P("after"))
            .order_by(callback.c.id)
            .limit(P("limit"))
        )
        self.fact = to_sql(sa.select(fact.c.value).where(fact.c.name == P("name")))
        self.nonce_used = to_sql(
            sa.select(sa.literal_column("1")).where(
                nonce.c.slice == P("slice"),
                nonce.c.access_key_id == P("access_key_id"),
                nonce.c.digest == P("digest"),
            )
        )
        self.nonce_slices = to_sql(sa.select(nonce.c.slice).distinct().order_by(nonce.c.slice))
        self.nonces_in = to_sql(
            sa.select(nonce.c.access_key_id, nonce.c.digest, nonce.c.slice).where(nonce.c.slice == P("slice"))
        )

        # The journal.
        self.enqueue = BulkInsert(journal, without="seq")
        self.finish = to_sql(sa.delete(journal).where(*_is_work()))
        self.postpone = to_sql(
            sa.update(journal)
            .where(*_is_work())
            .values(visible_at=P("until"), tries=journal.c.tries + P("tried"))
        )
        self.hold_back_callbacks = to_sql(
            sa.update(journal)
            .where(
                sa.text("journal.stage = 'callback'"),
                journal.c.message_id == P("of_message"),
                journal.c.visible_at < P("until"),
            )
            .values(visible_at=P("until"))
        )
        self.latest_callback_due = to_sql(
            sa.select(sa.func.max(journal.c.visible_at)).where(
                sa.text("journal.stage = 'callback'"), journal.c.message_id == P("message_id")
            )
        )
        self.drop_timers = to_sql(
            sa.delete(journal).where(
                sa.text("journal.stage = 'timer'"), journal.c.message_id == P("of_message")
            )
        )
        self.timers = to_sql(
            sa.select(*_WORK_COLUMNS)
            .where(sa.text("journal.stage = 'timer'"), journal.c.message_id == P("message_id"))
            .order_by(journal.c.visible_at)
        )
        self.due = to_sql(
            sa.select(*_WORK_COLUMNS)
            .where(journal.c.stage == P("stage"), journal.c.visible_at <= P("now"))
            .order_by(journal.c.visible_at, journal.c.seq)
            .limit(P("limit"))
        )
        self.next_due = to_sql(
            sa.select(journal.c.visible_at)
            .where(journal.c.stage == P("stage"), journal.c.visible_at > P("after"))
            .order_by(journal.c.visible_at)
            .limit(1)
        )
        self.queue = QueueStatements(to_sql)
        self.backlog = to_sql(sa.select(journal.c.stage, sa.func.count()).group_by(journal.c.stage))
        self.clear = [
            to_sql(sa.delete(table))
            for table in metadata.sorted_tables
            if table.name not in ("configuration", "fact", "nonce")
        ]


_WORK_COLUMNS = (
    journal.c.seq,
    journal.c.stage,
    journal.c.message_id,
    journal.c.visible_at,
    journal.c.body,
    journal.c.tries,
)
_CALLBACK_COLUMNS = tuple(column for column in callback.c if column.name != "shard")


def _is_of_message(table: sa.Table) -> tuple[Any, Any]:
    return table.c.shard == P("shard"), table.c.message_id == P("message_id")


def _is_work() -> tuple[Any, Any]:
    return journal.c.seq == P("of_seq"), journal.c.message_id == P("of_message")
