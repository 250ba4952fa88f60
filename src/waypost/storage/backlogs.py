"""How much waits in the lanes of a stage, counted up to a bound: a count costs the more the longer a backlog
is, and whoever watches it asks all the time."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from waypost.storage.records import Stage, Work

if TYPE_CHECKING:
    from waypost.storage.backlog_statements import BacklogStatements


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


class BacklogReader:
    """Reads backlogs outside a transaction.

    Args:
        read_slowly: executes a statement on a second connection, in a thread.
    """

    def __init__(
        self, read_slowly: Callable[[str, dict[str, Any]], list[Any]], statements: "BacklogStatements"
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
