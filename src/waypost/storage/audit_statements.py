"""The audit rows, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import audit

P = sa.bindparam
_NAMES = [column.name for column in audit.c if column.name != "id"]


class AuditStatements:
    """The SQL statements on `audit`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = audit.c
        self.add = to_sql(sa.insert(audit).values({name: P(name) for name in _NAMES}))
        oldest = sa.select(columns.id, columns.at).order_by(columns.id).limit(P("limit")).subquery()
        self.forget = to_sql(
            sa.delete(audit).where(columns.id.in_(sa.select(oldest.c.id).where(oldest.c.at < P("before"))))
        )
        self.page = to_sql(
            sa.select(audit)
            .where(
                *(
                    sa.or_(P(name) == sa.literal_column("''"), columns[name] == P(name))
                    for name in ("account_id", "kind")
                ),
                columns.at >= P("since"),
            )
            .order_by(columns.id.desc())
            .limit(P("limit"))
        )
