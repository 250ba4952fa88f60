"""The queues' SQL. A receive reads by `queue_message_due` only what it gives, however long the queue is."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import queue_message

P = sa.bindparam
_NEW = ("queue", "body", "enqueued_at", "visible_at", "received", "turn")


class QueueStatements:
    """The statements as SQL text; each name says what it does.

    Args:
        text: compiles a statement for the store's dialect.
    """

    def __init__(self, text: Callable[[ClauseElement], str]) -> None:
        table = queue_message
        of_queue = (table.c.queue == P("of_queue"), table.c.enqueued_at > P("expired"))
        visible = table.c.visible_at <= P("now")
        self.add = text(sa.insert(table).values({name: P(name) for name in _NEW}))
        self.visible = text(
            sa.select(table)
            .where(*of_queue, visible)
            .order_by(table.c.visible_at, table.c.id)
            .limit(P("limit"))
        )
        self.receive = text(
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
        self.hide = text(
            sa.update(table).where(*held_by_handle).values(visible_at=P("until"), turn=table.c.turn + 1)
        )
        self.delete = text(sa.delete(table).where(*held_by_handle))
        self.due = text(sa.select(table.c.visible_at).where(*of_queue).order_by(table.c.visible_at).limit(1))
        self.count_visible = text(sa.select(sa.func.count()).where(*of_queue, visible))
        self.count = text(sa.select(sa.func.count()).where(*of_queue))
        old = sa.select(table.c.id).where(table.c.enqueued_at <= P("expired")).limit(P("limit"))
        self.forget = text(sa.delete(table).where(table.c.id.in_(old)))
