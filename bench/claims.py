"""What a claimed row costs with ten million rows waiting, against an empty journal; the aim is within 20 %.

A stage's worker claims rows and finishes them: what is measured is the CPU time of the process per row, from
the choice of the lanes to the commit. The rows wait in one lane, and then in 10,000 lanes of which all but
ten are full (their route has no place) or not due. Beside each stands the same work, in the same lanes, on
a journal that has no other rows, in turns. `--rows` says how many rows wait.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from waypost.clock import SystemClock
from waypost.delivery.dispatch_lanes import DispatchLanes
from waypost.delivery.dispatcher import Release
from waypost.delivery.route_controls import RouteControls
from waypost.delivery.route_states import LiveRouteStates
from waypost.delivery.stage_worker import StageWorker
from waypost.model.routes.breaker import BreakerOptions
from waypost.model.routes.classes import RouteBounds
from waypost.storage.changes import Change, Finish
from waypost.storage.records import Stage, Work
from waypost.storage.sqlite import SqliteStore

ROWS = 10_000_000
LANES = 10_000
FREE_LANES = 10
CLAIMED = 20_000
ROUNDS = 5
# One account has three quarters of it: 201 rows.
_WIDTH = 267
_DAY_MS = 86_400_000
_FULL_ROUTE, _FREE_ROUTE = "full", "free"
# The ids of nodes begin above; those of waiting rows, rows of a round included, stay below.
_FIRST_OF_ROUNDS = 1 << 32

# Rows are spread over lanes in the lanes' order, so that the index grows at its end.
_FILL = """WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
    INSERT INTO journal (seq, shard, stage, message_id, visible_at, body, tries, lane, fence, lease_until)
    SELECT :first + i, 0, 'dispatch', printf('20270115%017d', i),
        CASE WHEN (i * :lanes / :rows) % 2 THEN :later ELSE :due END, '{"leg":0}', 0,
        printf(:lane, i * :lanes / :rows), 0, 0 FROM n"""


def main() -> None:
    for lanes, name in ((1, "one lane"), (LANES, f"{LANES:,} lanes, all but {FREE_LANES} full or not due")):
        with tempfile.TemporaryDirectory() as folder:
            empty, full = Path(folder) / "empty" / "waypost.db", Path(folder) / "full" / "waypost.db"
            for path in (empty, full):
                path.parent.mkdir()
                asyncio.run(_create(path))
            _fill(full, lanes)
            costs: dict[Path, list[float]] = {empty: [], full: []}
            for round_ in range(ROUNDS):
                for path, measured in costs.items():
                    measured.append(asyncio.run(_cost(path, 1 if lanes == 1 else FREE_LANES, round_)))
            _report(name, costs[empty], costs[full])


def _report(name: str, empty: Sequence[float], full: Sequence[float]) -> None:
    ratios = [one / other for one, other in zip(full, empty, strict=True)]
    print(
        f"{ROWS:,} rows waiting in {name}: {statistics.median(full) * 1e6:.1f} us of CPU for a row that is "
        f"claimed and finished, {statistics.median(empty) * 1e6:.1f} with no other rows; "
        f"median ratio of {len(ratios)} rounds {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )


async def _create(path: Path) -> None:
    await SqliteStore(path).close()


def _fill(path: Path, lanes: int) -> None:
    """Lets rows wait: in one lane all are due; of many lanes half are due and full, half are not due."""
    now = time.time_ns() // 1_000_000
    lane = f"{_FREE_ROUTE} 0 transaction" if lanes == 1 else f"{_FULL_ROUTE} %d transaction"
    # In one lane the rows of a round are due before these, as they were in a journal that grew.
    _insert(path, ROWS, lanes, lane, first=1, due=now - 1000, later=now + _DAY_MS)


def _insert(path: Path, rows: int, lanes: int, lane: str, *, first: int, due: int, later: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -262144")
        values = {"rows": rows, "lanes": lanes, "lane": lane, "first": first, "due": due, "later": later}
        connection.execute(_FILL, values)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _lanes(store: SqliteStore) -> DispatchLanes:
    """The lanes of routes of which one is full."""
    options = BreakerOptions(threshold=0.5, window=60_000, least=5, probes=[1000])
    controls = RouteControls(store, SystemClock(), LiveRouteStates(store), options, 0.02, {})
    lanes = DispatchLanes(lambda route: RouteBounds(_WIDTH, 0.02), controls)
    for account in range(2):
        while lanes.reserve(f"{_FULL_ROUTE} full{account} transaction", 0):
            pass
    return lanes


class _Processor:
    """Finishes rows.

    Attributes:
        warm: as many rows are processed as the measurement leaves out.
        done: as many as it takes.
    """

    def __init__(self, store: SqliteStore) -> None:
        self.rows = 0
        self.warm, self.done = asyncio.Event(), asyncio.Event()
        self._store = store

    async def process(self, works: Sequence[Work], release: Release) -> None:
        await self._store.apply([Change([Finish(work)], [work]) for work in works])
        for work in works:
            release(work)
        self.rows += len(works)
        if self.rows >= CLAIMED // 5:
            self.warm.set()
        if self.rows >= CLAIMED:
            self.done.set()


async def _cost(path: Path, lanes: int, round_: int) -> float:
    """Seconds of CPU for a row, of `CLAIMED` ones that are added."""
    due = time.time_ns() // 1_000_000 - 10_000
    first = _FIRST_OF_ROUNDS + round_ * 2 * CLAIMED
    _insert(path, 2 * CLAIMED, lanes, f"{_FREE_ROUTE} %d transaction", first=first, due=due, later=due)
    store = SqliteStore(path)
    processor = _Processor(store)
    worker = StageWorker(
        store, SystemClock(), Stage.DISPATCH, processor.process, lanes=_lanes(store), batch=200, lease=60.0
    )
    running = asyncio.create_task(worker.run())
    await processor.warm.wait()
    started, before = time.process_time(), processor.rows
    await processor.done.wait()
    cost = (time.process_time() - started) / (processor.rows - before)
    await worker.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM journal WHERE seq >= ?", (_FIRST_OF_ROUNDS,))
        connection.commit()
    return cost


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What a claimed row costs with many rows waiting.")
    parser.add_argument("--rows", type=int, default=ROWS)
    ROWS = parser.parse_args().rows
    main()
