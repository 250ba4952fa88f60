"""The calls on record, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.columns import CALL_RECORD
from waypost.storage.schema import call_record

P = sa.bindparam


class CallRecordStatements:
    """The SQL statements on `call_record`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = call_record.c
        self.add = to_sql(sa.insert(call_record).values({name: P(name) for name in CALL_RECORD}))
        newest = columns.id.desc()
        record = sa.select(*(columns[name] for name in CALL_RECORD))
        of_share = sa.select(columns.id).where(columns.share == P("share"))
        surplus = of_share.order_by(newest).limit(-1).offset(P("most"))
        self.trim = to_sql(sa.delete(call_record).where(columns.id.in_(surplus)))
        oldest = sa.select(columns.id, columns.at).order_by(columns.id).limit(P("limit")).subquery()
        self.forget = to_sql(
            sa.delete(call_record).where(
                columns.id.in_(sa.select(oldest.c.id).where(oldest.c.at < P("before")))
            )
        )
        self.find = to_sql(record.where(columns.request_id == P("request_id")).order_by(newest).limit(1))
        # What lists by some members of `CallFilter` is made of these.
        self.listed = to_sql(record)
        self.conditions = {
            name: to_sql(columns[name] == P(name))
            for name in ("account_id", "operation", "code", "request_id")
        } | {"since": to_sql(columns.at >= P("since")), "until": to_sql(columns.at < P("until"))}
        self.newest_first = "ORDER BY call_record.id DESC LIMIT :limit OFFSET :skip"
