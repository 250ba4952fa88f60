"""The tables of messages. Per-message keys lead with `shard`, so that the rows of a message are adjacent."""

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""In SQLite only INTEGER PRIMARY KEY is the rowid itself; a BIGINT key would need a second B-tree."""

message = sa.Table(
    "message",
    metadata,
    sa.Column("shard", sa.SmallInteger, primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    # Of the call that was accepted; a call to many has many messages.
    sa.Column("request_id", sa.Text),
    # What messages are found by, as the body has it; NULL where the body has nothing.
    sa.Column("space_id", sa.Text),
    sa.Column("template_code", sa.Text),
    sa.Column("task_id", sa.Text),
    sa.Column("tag", sa.Text),
    sa.Column("group_id", sa.Text),
    # An entry is added at the end of its space's, which costs an accept little.
    sa.Index("message_by_space", "account_id", "space_id", "message_id"),
    sqlite_with_rowid=False,
)


def partial_index(
    name: str, *columns: sa.Column[Any], where: sa.ColumnElement[bool], unique: bool = False
) -> None:
    """Indexes the rows for which `where` is true: it costs the others nothing."""
    # An option of a dialect loads all of it: there are those of the databases that have a store.
    sa.Index(name, *columns, sqlite_where=where, unique=unique)


def _index_where_present(name: str, column: sa.Column[Any], *more: sa.Column[Any]) -> None:
    partial_index(name, column, *more, where=column.is_not(None))


_index_where_present("message_by_request", message.c.request_id)
_index_where_present("message_by_template", message.c.template_code, message.c.message_id)
_index_where_present("message_by_task", message.c.task_id, message.c.message_id)
_index_where_present("message_by_tag", message.c.tag, message.c.message_id)
_index_where_present("message_by_group", message.c.group_id, message.c.message_id)

leg = sa.Table(
    "leg",
    metadata,
    sa.Column("shard", sa.SmallInteger, primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("leg", sa.SmallInteger, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("failure", sa.Text),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("double_delivery", sa.SmallInteger, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    # An update of a leg does not touch these two: neither column changes.
    sa.Index("leg_by_sender", "channel", "sender", "message_id"),
    sa.Index("leg_by_recipient", "recipient", "message_id", sqlite_where=sa.text("recipient <> ''")),
    # Legs that no provider has yet are found by their timers: else each would be put in and out again twice.
    sa.Index(
        "leg_by_state",
        "state",
        "message_id",
        sqlite_where=sa.text("state NOT IN ('queued', 'submitting')"),
    ),
    sqlite_with_rowid=False,
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("shard", sa.SmallInteger, primary_key=True),
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("leg", sa.SmallInteger, primary_key=True),
    sa.Column("attempt", sa.SmallInteger, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("provider_id", sa.Text),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    # The ids of a long SMS's parts that are delivered, one a line.
    sa.Column("delivered_parts", sa.Text, nullable=False, server_default=""),
    sa.Index("attempt_by_number", "number"),
    sqlite_with_rowid=False,
)
partial_index(
    "attempt_by_provider_id",
    attempt.c.route,
    attempt.c.provider_id,
    where=attempt.c.provider_id.is_not(None),
)
_unanswered = sa.and_(attempt.c.provider_id.is_(None), attempt.c.outcome.in_(["under_way", "unknown"]))
partial_index("attempt_unanswered", attempt.c.recipient, attempt.c.sender, where=_unanswered)

event = sa.Table(
    "event",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("leg", sa.SmallInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index("event_by_message", "message_id"),
)
