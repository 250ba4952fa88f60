"""The webhooks with items that were not understood, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import rejected_webhook

P = sa.bindparam


class RejectedWebhookStatements:
    """The SQL statements on `rejected_webhook`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = rejected_webhook.c
        names = [column.name for column in columns if column.name != "id"]
        self.add = to_sql(sa.insert(rejected_webhook).values({name: P(name) for name in names}))
        newest = columns.id.desc()
        counted = sa.select(
            columns.id,
            sa.func.row_number().over(order_by=newest).label("number"),
            sa.func.sum(sa.func.length(columns.body)).over(order_by=newest).label("size"),
        ).subquery()
        surplus = sa.select(counted.c.id).where(
            sa.or_(counted.c.number > P("most"), sa.and_(counted.c.size > P("bytes"), counted.c.number > 1))
        )
        self.trim = to_sql(sa.delete(rejected_webhook).where(columns.id.in_(surplus)))
        self.forget = to_sql(sa.delete(rejected_webhook).where(columns.at <= P("before")))
        self.remove = to_sql(sa.delete(rejected_webhook).where(columns.id == P("webhook_id")))
        self.find = to_sql(sa.select(rejected_webhook).where(columns.id == P("webhook_id")))
        self.page = to_sql(
            sa.select(rejected_webhook).where(columns.id > P("after")).order_by(columns.id).limit(P("limit"))
        )
