"""The configuration, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import configuration, fact

P = sa.bindparam


class ConfigurationStatements:
    """The SQL statements on `configuration`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = configuration.c
        upsert = sqlite.insert(configuration)
        self.put = to_sql(
            upsert.on_conflict_do_update(
                index_elements=[columns.kind, columns.id],
                set_={name: upsert.excluded[name] for name in ("account_id", "origin", "body", "version")},
            )
        )
        self.body = to_sql(sa.select(columns.body).where(columns.kind == P("kind"), columns.id == P("id")))
        self.latest = to_sql(
            sa.select(sa.func.max(columns.version)).where(
                columns.account_id == P("account_id"), columns.kind == P("kind")
            )
        )
        self.latest_by_id = to_sql(
            sa.select(sa.func.max(columns.version)).where(
                columns.kind == P("kind"), columns.id >= P("first"), columns.id < P("past")
            )
        )
        self.changed_since = to_sql(
            sa.select(columns.kind, columns.id, columns.body, columns.version).where(
                columns.version > P("version")
            )
        )
        self.keys_of_origin = to_sql(sa.select(columns.kind, columns.id).where(columns.origin == P("origin")))
        removed = (
            sa.select(columns.kind, columns.id)
            .where(columns.origin == sa.literal_column("''"), columns.version <= P("version"))
            .limit(P("limit"))
        )
        self.forget_removed = to_sql(
            sa.delete(configuration).where(sa.tuple_(columns.kind, columns.id).in_(removed))
        )
        # Locked where rows can be: writers then follow one another until they commit, so that versions become
        # visible in their order and nobody reads past one that is still to come.
        self.fact = to_sql(sa.select(fact.c.value).where(fact.c.name == P("name")).with_for_update())
        self.read_fact = to_sql(sa.select(fact.c.value).where(fact.c.name == P("name")))
        value = sqlite.insert(fact)
        self.set_fact = to_sql(
            value.on_conflict_do_update(index_elements=[fact.c.name], set_={"value": value.excluded.value})
        )
