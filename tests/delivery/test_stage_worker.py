"""The stage worker: it claims what is due, never more than its width at once, and retries what failed."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.claims import LEASE
from tests.model.messages import ACCEPTED_AT
from tests.sandbox.sandbox_network import StillClock
from tests.storage.databases import LANE, NOW, enqueue
from waypost.delivery import stage_worker
from waypost.delivery.concurrency import gather_all
from waypost.delivery.dispatcher import Release
from waypost.delivery.lanes import Lanes
from waypost.delivery.stage_worker import StageWorker
from waypost.storage.changes import Change, Finish
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import Stage, Work
from waypost.storage.sqlite import SqliteStore


class Processor:
    """Processes a stage's work, and records it.

    Attributes:
        done: rows in the order they were finished.
        batches: how many rows were handed over at once, each time.
        failures: how many more times the database is away.
        faulty: the row that always fails.
        most_in_flight: rows in flight at the same time, at most.
        started: some work was handed over.
        may_finish: cleared, all work waits for it.
    """

    def __init__(self, store: Store) -> None:
        self.done: list[int] = []
        self.batches: list[int] = []
        self.failures = 0
        self.faulty: int | None = None
        self.most_in_flight = 0
        self.started = asyncio.Event()
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self._store = store
        self._in_flight = 0
        self._more = asyncio.Event()

    async def process(self, works: Sequence[Work], release: Release) -> None:
        self.started.set()
        self._in_flight += len(works)
        self.batches.append(len(works))
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            await self._process(works)
        finally:
            self._in_flight -= len(works)
        for work in works:
            release(work)

    async def _process(self, works: Sequence[Work]) -> None:
        await self.may_finish.wait()
        if self.failures:
            self.failures -= 1
            raise StoreUnavailableError("database is locked")
        if self.faulty in [int(work.body[7:-1]) for work in works]:
            raise RecursionError("an error of our own")
        await self._store.apply([Change([Finish(work)], [work]) for work in works])
        self.done += [int(work.body[7:-1]) for work in works]
        self._more.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.done) < count:
                self._more.clear()
                await self._more.wait()


@pytest.fixture
def store(tmp_path: Path, runner: asyncio.Runner) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "waypost.db")
    yield store
    runner.run(store.close())


@pytest.fixture(autouse=True)
def short_retry_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_worker, "_ERROR_RETRY_S", 0.01)


class WatchedLanes(Lanes):
    """Lanes of one width each.

    Attributes:
        full: a lane waits for a place.
    """

    def __init__(self, width: int) -> None:
        super().__init__(lambda lane: ((lane, width),))
        self.full = asyncio.Event()

    def take(self, limit: int, now: int) -> dict[str, int]:
        chosen = super().take(limit, now)
        if self._parked:
            self.full.set()
        return chosen


class Running:
    def __init__(
        self,
        store: Store,
        *,
        width: int = 100,
        batch: int = 10,
        lease: float = LEASE,
        pause: float = 0.0,
    ) -> None:
        self.clock = StillClock(ACCEPTED_AT)
        self.lanes = WatchedLanes(width)
        self.processor = Processor(store)
        self.worker = StageWorker(
            store,
            self.clock,
            Stage.DISPATCH,
            self.processor.process,
            lanes=self.lanes,
            batch=batch,
            lease=lease,
            pause=pause,
        )
        self._task = asyncio.create_task(self.worker.run())

    async def stop(self) -> None:
        await self.worker.stop()
        await self._task


async def test_it_processes_what_is_there_what_comes_and_what_falls_due(store: SqliteStore) -> None:
    await enqueue(store, NOW)
    running = Running(store)
    await running.processor.until(1)
    await enqueue(store, NOW, NOW + 5_000)
    await running.processor.until(2)
    running.clock.move_to(NOW + 5_000)
    await running.processor.until(3)
    assert running.processor.done == [0, 0, 1]
    await running.stop()


async def test_it_never_has_more_in_flight_than_its_width(store: SqliteStore) -> None:
    await enqueue(store, *[NOW] * 200)
    running = Running(store, width=30, batch=7)
    await running.processor.until(200)
    assert running.processor.most_in_flight <= 30
    await running.stop()


async def test_what_arrives_in_the_pause_after_a_claim_is_claimed_at_once(store: SqliteStore) -> None:
    running = Running(store, pause=1.0)
    await enqueue(store, NOW)
    await running.processor.until(1)
    for _ in range(5):
        await enqueue(store, NOW)
    await running.processor.until(6)
    assert running.processor.batches == [1, 5]
    await running.stop()


async def test_what_waits_after_a_full_claim_is_claimed_without_a_pause(store: SqliteStore) -> None:
    await enqueue(store, *[NOW] * 30)
    running = Running(store, batch=10, pause=3600.0)
    await running.processor.until(30)
    assert running.processor.batches == [10, 10, 10]
    await running.stop()


async def test_work_that_found_no_database_is_tried_again_at_once(store: SqliteStore) -> None:
    await enqueue(store, NOW)
    running = Running(store)
    running.processor.failures = 3
    await running.processor.until(1)
    await running.stop()


async def test_a_row_that_always_fails_is_tried_by_itself_and_holds_up_no_other(store: SqliteStore) -> None:
    await enqueue(store, *[NOW] * 10)
    running = Running(store)
    running.processor.faulty = 4
    await running.processor.until(9)
    await running.stop()
    assert sorted(running.processor.done) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    [row] = await store.claim(Stage.DISPATCH, {LANE: 10}, NOW + 60_000, LEASE)
    assert (row.body, row.tries, row.visible_at) == ('{"leg":4}', 1, NOW + 60_000)


async def test_a_stop_waits_for_what_is_in_flight_and_claims_no_more(store: SqliteStore) -> None:
    await enqueue(store, *[NOW] * 20)
    running = Running(store, width=10, batch=10)
    running.processor.may_finish.clear()
    await running.processor.started.wait()
    stopping = asyncio.create_task(running.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    running.processor.may_finish.set()
    await stopping
    assert len(running.processor.done) == 10


class AwayOnce(SqliteStore):
    """Cannot make the first claim durable."""

    away = 1
    claiming: asyncio.Event | None = None

    async def claim(self, stage: Stage, lanes: Mapping[str, int], now: int, lease: float) -> list[Work]:
        if self.away:
            self.away -= 1
            raise StoreUnavailableError("database is locked")
        if self.claiming is not None:
            self.claiming.set()
        return await super().claim(stage, lanes, now, lease)


async def test_what_was_due_when_a_claim_failed_is_claimed_again(tmp_path: Path) -> None:
    store = AwayOnce(tmp_path / "waypost.db")
    await enqueue(store, NOW)
    running = Running(store)
    await running.processor.until(1)
    await running.stop()
    await store.close()


async def test_a_place_that_was_taken_elsewhere_wakes_the_worker_when_it_is_free(
    store: SqliteStore,
) -> None:
    running = Running(store, width=1)
    running.lanes._under_way[LANE] += 1
    await enqueue(store, NOW)
    # The worker has seen the row when it waits for the place.
    async with asyncio.timeout(20):
        await running.lanes.full.wait()
    running.lanes.release(LANE, [0])
    await running.processor.until(1)
    await running.stop()


async def test_what_a_dead_holder_had_is_claimed_without_any_news(
    tmp_path: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_worker, "_LOOK_S", 0.01)
    await enqueue(store, NOW)
    other = SqliteStore(tmp_path / "waypost.db")
    assert len(await other.claim(Stage.DISPATCH, {LANE: 1}, NOW, LEASE)) == 1
    running = Running(store)
    await other.close()
    await running.processor.until(1)
    await running.stop()


async def test_a_claim_that_was_under_way_at_a_stop_is_released(tmp_path: Path) -> None:
    store = AwayOnce(tmp_path / "waypost.db")
    store.away, store.claiming = 0, asyncio.Event()
    await enqueue(store, NOW)
    running = Running(store)
    await store.claiming.wait()
    await running.stop()
    assert running.processor.done == []
    assert not running.processor.started.is_set()
    assert len(await store.claim(Stage.DISPATCH, {LANE: 1}, NOW, LEASE)) == 1
    await store.close()


async def test_an_error_is_raised_only_when_nothing_is_under_way_any_more() -> None:
    ended: list[str] = []

    async def fails() -> None:
        raise RuntimeError

    async def takes_long() -> None:
        await asyncio.sleep(0.01)
        ended.append("the other")

    with pytest.raises(RuntimeError):
        await gather_all([fails(), takes_long()])
    assert ended == ["the other"]


async def test_who_cancels_what_runs_concurrently_cancels_all_of_it_and_waits_for_its_end() -> None:
    ended: list[int] = []

    async def lasts(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(number)

    gathering = asyncio.create_task(gather_all([lasts(1), lasts(2), lasts(3)]))
    await asyncio.sleep(0.01)
    gathering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gathering
    assert sorted(ended) == [1, 2, 3]
    assert gathering.cancelled()


async def test_what_is_cancelled_by_itself_leaves_the_others_running() -> None:
    ended: list[int] = []

    async def gives_up() -> None:
        raise asyncio.CancelledError

    async def goes_on() -> None:
        await asyncio.sleep(0.01)
        ended.append(1)

    with pytest.raises(asyncio.CancelledError):
        await gather_all([gives_up(), goes_on()])
    assert ended == [1]
