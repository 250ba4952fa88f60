"""Drives a stage: claims its rows of the journal as they become due, and has them processed."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from waypost.clock import Clock
from waypost.storage.contract import Store
from waypost.storage.records import Stage, Work

log = structlog.get_logger()

# The delay before rows are released after an unexpected error, so that the loop cannot spin. Real
# seconds, not those of the sandbox's clock.
_ERROR_RETRY_S = 1.0


class StageWorker:
    """Runs one stage.

    Args:
        process: processes a batch of rows; it finishes or postpones each row, or raises.
        width: how many rows may be in flight at once.
        batch: how many rows are processed in one call.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        stage: Stage,
        process: Callable[[list[Work]], Awaitable[None]],
        *,
        width: int,
        batch: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._stage = stage
        self._process = process
        self._width = width
        self._batch = batch
        self._woken = asyncio.Event()
        self._stopping = False
        self._in_flight: set[asyncio.Task[None]] = set()
        store.wake_on(stage, self._woken)

    async def run(self) -> None:
        """Processes rows until it is stopped."""
        while not self._stopping:
            now = self._clock.now()
            free = min(self._batch, self._width - self._store.in_flight(self._stage))
            works = await self._store.claim(self._stage, free, now) if free > 0 else []
            if works:
                task = asyncio.create_task(self._process_or_release(works))
                self._in_flight.add(task)
                task.add_done_callback(self._in_flight.discard)
                # Lets other tasks of the event loop run between two batches.
                await asyncio.sleep(0)
            else:
                due = await self._store.next_due(self._stage, now)
                await self._clock.wait(due, self._woken)

    def wake(self) -> None:
        """Checks for due rows now, because another process may have written some."""
        self._woken.set()

    async def _process_or_release(self, works: list[Work]) -> None:
        try:
            await self._process(works)
        except Exception:
            log.exception("stage.failed", stage=self._stage.value, rows=len(works))
            await asyncio.sleep(_ERROR_RETRY_S)
            self._store.release(works)

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
