"""Every SQL statement of the store, written with SQLAlchemy Core and compiled once for a dialect.

They are executed on the driver's own cursor with a dict of parameters: on the hot path SQLAlchemy's execution
layer would cost several times what the statement does.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

from waypost.storage.audit_statements import AuditStatements
from waypost.storage.backlog_statements import BacklogStatements
from waypost.storage.call_record_statements import CallRecordStatements
from waypost.storage.cancellation_statements import CancellationStatements
from waypost.storage.client_token_statements import ClientTokenStatements
from waypost.storage.configuration_statements import ConfigurationStatements
from waypost.storage.conversation_statements import ConversationStatements
from waypost.storage.erasure_statements import ErasureStatements
from waypost.storage.inbound_statements import InboundStatements
from waypost.storage.queue_statements import QueueStatements
from waypost.storage.rejected_webhook_statements import RejectedWebhookStatements
from waypost.storage.retention_statements import RetentionStatements
from waypost.storage.route_rate_statements import RouteRateStatements
from waypost.storage.route_state_statements import RouteStateStatements
from waypost.storage.schema import (
    attempt,
    callback,
    event,
    fact,
    journal,
    leg,
    message,
    metadata,
    nonce,
    template_count,
    template_count_delta,
)
from waypost.storage.suppression_statements import SuppressionStatements

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


class Statements:
    """The SQL text of each statement in one dialect, as an attribute named by what it does."""

    def __init__(self, dialect: Dialect = SQLITE) -> None:
        def to_sql(statement: ClauseElement) -> str:
            return _compile(statement, dialect)

        self.suppressions = SuppressionStatements(to_sql)
        self.conversations = ConversationStatements(to_sql)
        self.client_tokens = ClientTokenStatements(to_sql)
        self.inbound_messages = InboundStatements(to_sql)
        self.rejected_webhooks = RejectedWebhookStatements(to_sql)
        self.retention = RetentionStatements(to_sql)
        self.erasure = ErasureStatements(to_sql)
        self.configuration = ConfigurationStatements(to_sql)
        self.call_records = CallRecordStatements(to_sql)
        self.backlogs = BacklogStatements(to_sql)
        self.cancellations = CancellationStatements(to_sql)
        self.audit = AuditStatements(to_sql)
        self.route_rates = RouteRateStatements(to_sql)
        self.route_states = RouteStateStatements(to_sql)

        # Written by themselves; what messages come to is written by `waypost.storage.sqlite.batch`.
        more = sqlite.insert(template_count)
        counters = ("sent", "delivered", "read")
        keys = [column.name for column in template_count.primary_key]
        delta = template_count_delta.c
        added = sa.select(
            *(delta[name] for name in keys), *(sa.func.sum(delta[name]) for name in counters)
        ).where(sa.text("true"))
        self.fold_template_counts = [
            to_sql(
                more.from_select(
                    [*keys, *counters], added.group_by(*(delta[name] for name in keys))
                ).on_conflict_do_update(
                    index_elements=list(template_count.primary_key),
                    set_={name: template_count.c[name] + more.excluded[name] for name in counters},
                )
            ),
            to_sql(sa.delete(template_count_delta)),
        ]
        old = sa.select(*nonce.primary_key).where(nonce.c.slice < P("before")).limit(P("limit"))
        self.forget_nonces = to_sql(sa.delete(nonce).where(sa.tuple_(*nonce.primary_key).in_(old)))
        self.set_fact = to_sql(_upsert(fact))

        # The ledger, read.
        self.message = to_sql(sa.select(message.c.body).where(*_is_of_message(message)))
        is_leg_of_it = sa.and_(leg.c.shard == message.c.shard, leg.c.message_id == message.c.message_id)
        self.request_and_route = to_sql(
            sa.select(message.c.request_id, leg.c.route)
            .select_from(message.outerjoin(leg, is_leg_of_it))
            .where(*_is_of_message(message))
            .order_by(leg.c.leg.desc())
            .limit(1)
        )
        newest = message.c.message_id.desc()
        self.latest_message_id = to_sql(
            sa.select(message.c.message_id).where(message.c.shard == 0).order_by(newest).limit(1)
        )
        self.messages_of_request = to_sql(
            sa.select(message.c.body)
            .where(message.c.request_id == P("request_id"))
            .order_by(message.c.message_id)
            .limit(P("limit"))
        )
        # What is not folded yet counts, too.
        counted = sa.union_all(
            *(
                sa.select(*(table.c[column.name] for column in template_count.c)).where(
                    table.c.account_id == P("account_id"),
                    table.c.template_code >= P("first"),
                    table.c.template_code <= P("last"),
                    table.c.start >= P("since"),
                    table.c.start < P("until"),
                )
                for table in (template_count, template_count_delta)
            )
        ).subquery("counted")
        self.template_counts = to_sql(
            sa.select(
                *(counted.c[name] for name in keys), *(sa.func.sum(counted.c[name]) for name in counters)
            )
            .group_by(*(counted.c[name] for name in keys))
            .order_by(*(counted.c[name] for name in keys))
        )
        self.legs = to_sql(sa.select(leg).where(*_is_of_message(leg)).order_by(leg.c.leg))
        self.attempts = to_sql(
            sa.select(attempt).where(*_is_of_message(attempt)).order_by(attempt.c.leg, attempt.c.attempt)
        )
        self.attempt_by_number = to_sql(
            sa.select(attempt)
            .where(attempt.c.number == P("number"))
            .order_by(attempt.c.started_at.desc())
            .limit(1)
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
        self.timers = to_sql(
            sa.select(*_WORK_COLUMNS)
            .where(sa.text("journal.stage = 'timer'"), journal.c.message_id == P("message_id"))
            .order_by(journal.c.visible_at)
        )
        self.queue = QueueStatements(to_sql)
        self.backlog = to_sql(sa.select(journal.c.stage, sa.func.count()).group_by(journal.c.stage))
        self.clear = [
            to_sql(sa.delete(table))
            for table in metadata.sorted_tables
            if table.name not in ("configuration", "audit", "fact", "nonce", "node", "route_state")
        ]


_WORK_COLUMNS = (
    journal.c.seq,
    journal.c.stage,
    journal.c.lane,
    journal.c.message_id,
    journal.c.visible_at,
    journal.c.body,
    journal.c.tries,
)
_CALLBACK_COLUMNS = tuple(column for column in callback.c if column.name != "shard")


def _is_of_message(table: sa.Table) -> tuple[Any, Any]:
    return table.c.shard == P("shard"), table.c.message_id == P("message_id")
