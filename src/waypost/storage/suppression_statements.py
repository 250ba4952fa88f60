"""The suppression list, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import suppression

P = sa.bindparam


class SuppressionStatements:
    """The SQL statements on `suppression`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = suppression.c
        self.add = to_sql(
            sqlite.insert(suppression)
            .values({column.name: P(column.name) for column in columns})
            .on_conflict_do_nothing()
        )
        is_entry = (
            columns.account_id == P("account_id"),
            columns.recipient.in_([P("recipient"), P("erased")]),
            columns.channel == P("channel"),
            columns.sender == P("sender"),
        )
        self.remove = to_sql(sa.delete(suppression).where(*is_entry))
        self.remove_for_reason = to_sql(
            sa.delete(suppression).where(*is_entry, columns.reason == P("reason"))
        )
        self.holds = to_sql(
            sa.select(sa.literal_column("1")).where(
                columns.account_id == P("account_id"),
                columns.recipient.in_([P("recipient"), P("erased")]),
                columns.channel.in_([P("channel"), P("any_channel")]),
                columns.sender.in_([P("sender"), P("any_sender")]),
            )
        )
        self.people = to_sql(sa.select(columns.account_id, columns.recipient).distinct())
        self.page = to_sql(
            sa.select(suppression)
            .where(
                columns.account_id == P("account_id"),
                *(
                    sa.or_(P(name) == sa.literal_column("''"), columns[name].in_([P(name), P(other)]))
                    for name, other in (
                        ("channel", "channel"),
                        ("sender", "sender"),
                        ("recipient", "erased"),
                    )
                ),
            )
            .order_by(columns.at, columns.recipient, columns.channel, columns.sender)
            .limit(P("limit"))
            .offset(P("offset"))
        )
