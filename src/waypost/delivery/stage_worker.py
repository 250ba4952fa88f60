"""Drives a stage: takes its work from the journal as it falls due and hands it on."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from waypost.clock import Clock
from waypost.storage.contract import Store
from waypost.storage.records import Stage, Work

log = structlog.get_logger()

# After a fault of our own the work is left alone for this long, so that it cannot spin. Real seconds: the
# fault is the machine's, not the business's.
_RETRY_AFTER_ERROR = 1.0


class StageWorker:
    """Runs one stage.

    Args:
        process: does the stage's one thing for some rows; each row ends finished, postponed or given back.
        width: how many rows may be in hand at once.
        batch: how many rows are handed over together.
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
        """Works until it is stopped."""
        while not self._stopping:
            now = self._clock.now()
            room = min(self._batch, self._width - self._store.in_flight(self._stage))
            works = await self._store.claim(self._stage, room, now) if room > 0 else []
            if works:
                task = asyncio.create_task(self._safely(works))
                self._in_flight.add(task)
                task.add_done_callback(self._in_flight.discard)
                # Lets the rest of the loop have its turn between two batches.
                await asyncio.sleep(0)
            else:
                due = await self._store.next_due(self._stage, now)
                await self._clock.wait(due, self._woken)

    def wake(self) -> None:
        """Looks for work now: another process may have written some."""
        self._woken.set()

    async def _safely(self, works: list[Work]) -> None:
        try:
            await self._process(works)
        except Exception:
            log.exception("stage.failed", stage=self._stage.value, rows=len(works))
            await asyncio.sleep(_RETRY_AFTER_ERROR)
            self._store.release(works)

    async def stop(self) -> None:
        """Takes no more, and returns when what is in hand is done."""
        self._stopping = True
        self._woken.set()
        try:
            while self._in_flight:
                await asyncio.wait(self._in_flight)
        finally:
            # Only when the stop itself was cut short: what is left stays in the journal.
            for task in self._in_flight:
                task.cancel()
