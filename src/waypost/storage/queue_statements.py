"""The queues' SQL. Thanks to the index `queue_message_due`, a receive costs the same at any queue length."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import queue_message

P = sa.bindparam
_NEW = ("queue", "body", "enqueued_at", "visible_at", "received", "turn")


class QueueStatements:
    """The SQL statements on `queue_message`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        table = queue_message
        in_queue = (table.c.queue == P("of_queue"), table.c.enqueued_at > P("expired"))
        is_visible = table.c.visible_at <= P("now")
        self.add = to_sql(sa.insert(table).values({name: P(name) for name in _NEW}))
        self.visible = to_sql(
            sa.select(table)
            .where(*in_queue, is_visible)
            .order_by(table.c.visible_at, table.c.id)
            .limit(P("limit"))
        )
        self.receive = to_sql(
            sa.update(table)
            .where(table.c.id == P("of_id"))
            .values(
                visible_at=P("until"),
                received=table.c.received + 1,
                turn=table.c.turn + 1,
                first_received_at=sa.func.coalesce(table.c.first_received_at, P("now")),
            )
        )
        held_by_handle = (
            table.c.id == P("of_id"),
            table.c.queue == P("of_queue"),
            table.c.turn == P("of_turn"),
            table.c.visible_at > P("now"),
        )
        self.hide = to_sql(
            sa.update(table).where(*held_by_handle).values(visible_at=P("until"), turn=table.c.turn + 1)
        )
        self.delete = to_sql(sa.delete(table).where(*held_by_handle))
        self.due = to_sql(
            sa.select(table.c.visible_at).where(*in_queue).order_by(table.c.visible_at).limit(1)
        )
        self.count_visible = to_sql(sa.select(sa.func.count()).where(*in_queue, is_visible))
        self.count = to_sql(sa.select(sa.func.count()).where(*in_queue))
        old = sa.select(table.c.id).where(table.c.enqueued_at <= P("expired")).limit(P("limit"))
        self.forget = to_sql(sa.delete(table).where(table.c.id.in_(old)))
