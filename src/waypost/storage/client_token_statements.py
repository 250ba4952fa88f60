"""The idempotency tokens, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import client_token

P = sa.bindparam


class ClientTokenStatements:
    """The SQL statements on `client_token`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = client_token.c
        insert = sqlite.insert(client_token).values({column.name: P(column.name) for column in columns})
        self.put = to_sql(
            insert.on_conflict_do_update(
                index_elements=list(client_token.primary_key),
                set_={name: insert.excluded[name] for name in ("digest", "answer", "at")},
            )
        )
        self.find = to_sql(
            sa.select(client_token).where(
                columns.account_id == P("account_id"),
                columns.action == P("action"),
                columns.token == P("token"),
                columns.at > P("since"),
            )
        )
        old = sa.select(*client_token.primary_key).where(columns.at <= P("before")).limit(P("limit"))
        self.forget = to_sql(sa.delete(client_token).where(sa.tuple_(*client_token.primary_key).in_(old)))
