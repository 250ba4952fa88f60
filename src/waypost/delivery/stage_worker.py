"""Drives a stage: claims its rows of the journal as they become due, and has them processed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from operator import attrgetter
from typing import Protocol

import structlog

from waypost.clock import Clock
from waypost.delivery.batch import postpone_failed
from waypost.delivery.dispatcher import Release
from waypost.storage.changes import Change, Postpone
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import Stage, Work

log = structlog.get_logger()

_seq_of = attrgetter("seq")

# The delay before rows are claimed or released after an unexpected error, so that the loop cannot spin. Real
# seconds, not those of the sandbox's clock.
_ERROR_RETRY_S = 1.0
# How often all lanes are looked at, in real seconds: a lease that ends and a holder that dies write nothing
# that would wake anybody.
_LOOK_S = 5.0


class StageLanes(Protocol):
    """Says from which lanes of a stage is claimed now (`waypost.delivery.lanes`, `dispatch_lanes`)."""

    def when_woken(self, listener: Callable[[], None]) -> None:
        """Calls `listener` when there may be more to claim, or earlier, than before."""
        ...

    def note(self, lane: str, due: int) -> None:
        """Notes that a lane has a row that may be claimed from `due`, milliseconds UTC."""
        ...

    def take(self, limit: int, now: int) -> dict[str, int]:
        """Chooses up to `limit` rows to claim, as numbers by lane, and reserves their places."""
        ...

    def claimed(self, chosen: Mapping[str, int], works: Sequence[Work]) -> list[str]:
        """Frees the places that were not needed; returns the lanes that have no more rows that are due."""
        ...

    def release(self, lane: str, seqs: Collection[int]) -> None:
        """Frees the places of rows of a lane."""
        ...

    def next_due(self) -> int | None:
        """When to look again if nothing else occurs; milliseconds UTC."""
        ...


class StageWorker:
    """Runs one stage.

    Args:
        process: processes a batch of rows; it finishes or postpones each row and releases its place, or
            raises.
        lanes: chooses the lanes to claim from.
        batch: how many rows are claimed at once.
        lease: how long a claim holds, in real seconds.
        pause: after a claim that found fewer rows than `batch`, how long what arrives is gathered for the
            next one, in real seconds. What arrives after a longer time is claimed at once.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        stage: Stage,
        process: Callable[[Sequence[Work], Release], Awaitable[None]],
        *,
        lanes: StageLanes,
        batch: int,
        lease: float,
        pause: float = 0.0,
    ) -> None:
        self._store = store
        self._clock = clock
        self._stage = stage
        self._process = process
        self._lanes = lanes
        self._batch = batch
        self._lease = lease
        self._pause = pause
        self._woken = asyncio.Event()
        self._stopping = False
        self._in_flight: set[asyncio.Task[None]] = set()
        lanes.when_woken(self._woken.set)
        store.listen(stage, lanes.note)

    def use_lease(self, seconds: float) -> None:
        """Sets how long the next claims hold, in real seconds."""
        self._lease = seconds

    async def run(self) -> None:
        """Processes rows until it is stopped."""
        await self.look_everywhere()
        looking = asyncio.create_task(self._look_regularly())
        try:
            while not self._stopping:
                now = self._clock.now()
                chosen = self._lanes.take(self._batch, now)
                if chosen:
                    await self._claim(chosen, now)
                else:
                    await self._clock.wait(self._lanes.next_due(), self._woken)
        finally:
            looking.cancel()

    async def _claim(self, chosen: Mapping[str, int], now: int) -> None:
        """Claims rows of lanes, and begins to process them."""
        try:
            works = await self._store.claim(self._stage, chosen, now, self._lease)
        except BaseException as error:
            self._lanes.claimed(chosen, [])
            for lane in chosen:
                self._lanes.note(lane, now)
            if not isinstance(error, StoreUnavailableError):
                raise
            log.warning("claim.failed", stage=self._stage.value, error=str(error))
            await asyncio.sleep(_ERROR_RETRY_S)
            return
        exhausted = self._lanes.claimed(chosen, works)
        if works and self._stopping:
            for work in works:
                self._lanes.release(work.lane, [work.seq])
            await self._give_back(works)
        elif works:
            task = asyncio.create_task(self._process_or_release(works))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        if exhausted:
            await self._find_next(exhausted, now)
        if self._pause and 0 < len(works) < self._batch:
            await asyncio.sleep(self._pause)

    async def _look_regularly(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.look_everywhere()
            except Exception:
                log.exception("background.failed", what=f"look at the lanes of {self._stage.value}")

    async def look_everywhere(self) -> None:
        """Finds the lanes that have rows, because another process may have written some."""
        for lane, due in await self._store.lanes(self._stage):
            if due is not None:
                self._lanes.note(lane, due)
        self._woken.set()

    async def _find_next(self, lanes: Sequence[str], now: int) -> None:
        for lane, due in (await self._store.next_dues(self._stage, lanes, now)).items():
            if due is not None:
                self._lanes.note(lane, due)

    async def _process_or_release(self, works: list[Work]) -> None:
        held = set(map(_seq_of, works))

        def release(*ended: Work) -> None:
            if seqs := held.intersection(map(_seq_of, ended)):
                held.difference_update(seqs)
                self._lanes.release(ended[0].lane, seqs)

        def unreleased() -> list[Work]:
            return [work for work in works if work.seq in held]

        try:
            await self._process(works, release)
        except StoreUnavailableError as error:
            log.warning("stage.waits", stage=self._stage.value, rows=len(held), error=str(error))
            # The pause keeps the loop from spinning.
            await asyncio.sleep(_ERROR_RETRY_S)
            await self._give_back(unreleased())
        except Exception:
            log.exception("stage.failed", stage=self._stage.value, rows=len(works))
            await self._process_each(unreleased(), release)
        finally:
            for work in unreleased() if held else ():
                release(work)

    async def _process_each(self, works: Sequence[Work], release: Release) -> None:
        """Processes rows each by itself, because one of them is at fault; that one has failed a try."""
        for work in works:
            try:
                if len(works) == 1:
                    # It was by itself before.
                    await postpone_failed(self._store, works, self._clock.now())
                else:
                    await self._process([work], release)
            except StoreUnavailableError as error:
                log.warning("stage.waits", stage=self._stage.value, rows=1, error=str(error))
                await asyncio.sleep(_ERROR_RETRY_S)
                await self._give_back([work])
            except Exception:
                log.exception("stage.failed", stage=self._stage.value, rows=1, message_id=work.message_id)
                await self._process_each([work], release)

    async def _give_back(self, works: Sequence[Work]) -> None:
        """Ends the claims on rows that were not processed; if that fails, their leases end by themselves."""
        try:
            await self._store.apply(
                [Change([Postpone(work, work.visible_at, tried=False)], [work]) for work in works]
            )
        except StoreUnavailableError as error:
            log.warning("release.failed", stage=self._stage.value, error=str(error))

    async def stop(self) -> None:
        """Claims no more rows, and returns when those in flight are processed."""
        self._stopping = True
        self._woken.set()
        try:
            while self._in_flight:
                await asyncio.wait(self._in_flight)
        finally:
            # Only if the stop itself is cancelled: unprocessed rows stay in the journal.
            for task in self._in_flight:
                task.cancel()
