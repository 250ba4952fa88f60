"""Claims rows of the journal, and finds the lanes that have some."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from waypost.storage.records import Lease, Stage, Work
from waypost.storage.rows import Row, encode
from waypost.storage.sqlite.node import RUN_BITS

Query = Callable[[str, Sequence[Any]], list[Row]]

# A row may be claimed when its lease is over, or when the node that holds it is dead. Claimed rows stay in
# the index at the head of their lane, where there are at most as many as the lane is wide.
_CLAIMABLE = f"""SELECT j.seq, j.lane, j.message_id, j.visible_at, j.body, j.tries
    FROM json_each(?1) AS w JOIN journal AS j ON j.seq IN (
        SELECT k.seq FROM journal AS k
        WHERE k.stage = ?2 AND k.lane = w.value AND k.visible_at <= ?3
        AND (k.lease_until <= ?4 OR k.fence >> {RUN_BITS} NOT IN (SELECT value FROM json_each(?5)))
        ORDER BY k.visible_at, k.seq LIMIT ?6)
    ORDER BY j.visible_at, j.seq"""
_CLAIM = "UPDATE journal SET fence = ?, lease_until = ? WHERE seq IN (SELECT value FROM json_each(?))"
# Jumps from lane to lane in the index, whatever the number of rows in each.
_LANES = """WITH RECURSIVE lanes (lane) AS (
        SELECT min(lane) FROM journal WHERE stage = ?1
        UNION ALL
        SELECT (SELECT min(lane) FROM journal WHERE stage = ?1 AND lane > lanes.lane) FROM lanes
        WHERE lanes.lane IS NOT NULL)
    SELECT lane, (
        SELECT min(visible_at) FROM journal WHERE stage = ?1 AND lane = lanes.lane AND visible_at > ?2)
    FROM lanes WHERE lane IS NOT NULL"""
_NEXT_DUE = """SELECT w.value, (SELECT min(visible_at) FROM journal
        WHERE stage = ?1 AND lane = w.value AND visible_at > ?2)
    FROM json_each(?3) AS w"""


class Claim:
    """A claim that is to be made.

    Attributes:
        lanes: how many rows each lane may have.
        now: business time, milliseconds UTC.
        real_now: real time, milliseconds UTC.
        lease: the lease on the rows.
    """

    __slots__ = ("lanes", "lease", "now", "real_now", "stage")

    def __init__(self, stage: Stage, lanes: Mapping[str, int], now: int, real_now: int, lease: Lease) -> None:
        self.stage = stage
        self.lanes = lanes
        self.now = now
        self.real_now = real_now
        self.lease = lease


def claim(query: Query, request: Claim, alive: Sequence[int]) -> list[Work]:
    """Claims the rows that are due first in each lane; called under the write lock.

    Args:
        query: executes a statement and returns its rows.
        alive: the runs of the nodes that live.
    """
    lanes, stage, lease = request.lanes, request.stage, request.lease
    most = max(lanes.values())
    rows = query(
        _CLAIMABLE,
        (
            encode(list(lanes)).decode(),
            stage.value,
            request.now,
            request.real_now,
            encode(alive).decode(),
            most,
        ),
    )
    if min(lanes.values()) < most:
        rows = list(_within(lanes, rows))
    if rows:
        query(_CLAIM, (lease.fence, lease.until, encode([row[0] for row in rows]).decode()))
    fence, deadline = lease.fence, lease.deadline
    return [
        Work(seq, stage, lane, message_id, visible_at, body, tries, fence, deadline)
        for seq, lane, message_id, visible_at, body, tries in rows
    ]


def _within(lanes: Mapping[str, int], rows: Iterable[Row]) -> Iterator[Row]:
    """The first rows of each lane, as many as it may have."""
    left = dict(lanes)
    for row in rows:
        lane = row[1]
        if left[lane]:
            left[lane] -= 1
            yield row


def lanes_of(query: Query, stage: Stage, after: int) -> list[tuple[str, int | None]]:
    """The lanes of a stage, each with its earliest `visible_at` above `after`, or None if it has none."""
    return [(lane, due) for lane, due in query(_LANES, (stage.value, after))]


def next_dues(query: Query, stage: Stage, lanes: Sequence[str], after: int) -> dict[str, int | None]:
    """The earliest `visible_at` above `after` of each of the lanes, or None."""
    return dict(query(_NEXT_DUE, (stage.value, after, encode(lanes).decode())))
