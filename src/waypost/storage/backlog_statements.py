"""How much waits, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import journal

P = sa.bindparam


class BacklogStatements:
    """The SQL statements on backlogs.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        of_stage = journal.c.stage == P("stage")
        self.next_lane = to_sql(
            sa.select(sa.func.min(journal.c.lane)).where(of_stage, journal.c.lane > P("after"))
        )
        due = (
            sa.select(journal.c.visible_at)
            .where(of_stage, journal.c.lane == P("lane"), journal.c.visible_at <= P("now"))
            .order_by(journal.c.visible_at)
            .limit(P("limit"))
            .subquery()
        )
        self.due = to_sql(sa.select(sa.func.count(), sa.func.min(due.c.visible_at)).select_from(due))

        place = sa.tuple_(journal.c.visible_at, journal.c.seq)
        self.rows = to_sql(
            sa.select(
                journal.c.seq,
                journal.c.message_id,
                journal.c.visible_at,
                journal.c.body,
                journal.c.tries,
                journal.c.fence,
            )
            .where(of_stage, journal.c.lane == P("lane"), place > sa.tuple_(P("visible_at"), P("seq")))
            .order_by(journal.c.visible_at, journal.c.seq)
            .limit(P("limit"))
        )
