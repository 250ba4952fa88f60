"""How much waits in the lanes of a stage, counted up to a bound: a count costs the more the longer a backlog
is, and whoever watches it asks all the time."""

from collections.abc import Callable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.records import Stage, Work
from waypost.storage.schema import journal

P = sa.bindparam

MOST_COUNTED = 10_000
"""Up to how many rows are counted in a lane."""
MOST_LANES = 1_000
"""How many lanes are looked at; with more, the first ones by name."""


class Place(NamedTuple):
    """A place in a lane, in the order of claims."""

    visible_at: int = -1
    seq: int = -1


class Backlog(NamedTuple):
    """What is due in a lane, claimed rows included.

    Attributes:
        lane: the lane.
        rows: how many rows are due, at most `MOST_COUNTED`.
        oldest: since when the first one is due, milliseconds UTC.
    """

    lane: str
    rows: int
    oldest: int


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


class BacklogReader:
    """Reads backlogs outside a transaction.

    Args:
        read_slowly: executes a statement on a second connection, in a thread.
    """

    def __init__(
        self, read_slowly: Callable[[str, dict[str, Any]], list[Any]], statements: BacklogStatements
    ) -> None:
        self._read_slowly = read_slowly
        self._sql = statements

    def of_stage(self, stage: Stage, now: int) -> list[Backlog]:
        """What is due at `now` (milliseconds UTC) in the lanes of a stage that have something due; for a
        thread."""
        backlogs: list[Backlog] = []
        # The lane without a name is the one of timers.
        lane = ""
        for _ in range(MOST_LANES):
            parameters = {"stage": stage.value, "lane": lane, "now": now, "limit": MOST_COUNTED}
            [(rows, oldest)] = self._read_slowly(self._sql.due, parameters)
            if rows:
                backlogs.append(Backlog(lane, rows, oldest))
            [(found,)] = self._read_slowly(self._sql.next_lane, {"stage": stage.value, "after": lane})
            if found is None:
                break
            lane = found
        return backlogs

    def rows(self, stage: Stage, lane: str, after: Place, limit: int) -> list[Work]:
        """The first rows of a lane behind a place of it, claimed ones included; for a thread."""
        parameters = {"stage": stage.value, "lane": lane, "limit": limit, **after._asdict()}
        return [
            Work(seq, stage, lane, message_id, visible_at, body, tries, fence)
            for seq, message_id, visible_at, body, tries, fence in self._read_slowly(
                self._sql.rows, parameters
            )
        ]
