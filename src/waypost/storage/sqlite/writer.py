"""The one writer: what arrives while a transaction is under way shares the next one and its flush.

Whole transactions run in a thread of their own, so that neither the disk nor another process's write lock
ever holds the event loop. The longer a transaction takes, the more the next one has to write, and the less
each change costs.

Nobody waits for long on a database that does not answer. A transaction that fails because another process
holds the write lock takes all that waited behind it along. While one hangs in its flush, what waits behind it
and what arrives is refused, and of what is in it only those go on waiting who must know what came of it.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from waypost.clock import steady_seconds
from waypost.model.histogram import Histogram
from waypost.storage.condition import StoreCondition
from waypost.storage.contract import (
    FilesLostError,
    StoreUnavailableError,
    UnknownOutcomeError,
)
from waypost.storage.sqlite.connections import is_busy

T = TypeVar("T")
U = TypeVar("U")


# Bounds how long a transaction takes to some milliseconds.
MAX_ITEMS = 500
# Each transaction writes the last page of every index anew, and is flushed: after one of so many items, more
# are gathered for the next one for so long, in seconds. Where little is written nobody waits for that.
MANY_ITEMS = 8
GATHER_S = 0.003
# How long a transaction may take before the database counts as away, in seconds. The wait for another
# process's write lock ends before that (`connections.BUSY_TIMEOUT_S`).
HUNG_AFTER_S = 2.9
_HUNG = "a flush to disk did not end"


class _Pending(Generic[T]):
    __slots__ = ("bounded", "future", "item")

    def __init__(self, item: T, future: asyncio.Future[Any], bounded: bool) -> None:
        self.item = item
        self.future = future
        self.bounded = bounded


class Writer(Generic[T]):
    """Hands items to transactions.

    Args:
        write: writes items in one transaction and flushes it, in the writer's thread; returns a result or an
            exception for each.
        committed: called on the event loop after each transaction that was committed.
        executor: runs the transactions, one at a time; a thread of its own if there is none.
        hung_after: how long a transaction may take before it counts as hung, in seconds.

    Attributes:
        when_lost: called on the event loop when a file of the database was taken away.
        flushes: how long transactions took, their flushes to disk included, in seconds.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Sequence[object]],
        committed: Callable[[], None],
        executor: Executor | None = None,
        *,
        hung_after: float = HUNG_AFTER_S,
    ) -> None:
        self._write = write
        self.flushes = Histogram()
        self._committed = committed
        self.when_lost: Callable[[FilesLostError], None] = lambda error: None
        self._hung_after = hung_after
        self._pending: list[_Pending[T]] = []
        self._busy = False
        self._idle: asyncio.Event | None = None
        self._thread = executor or ThreadPoolExecutor(1, thread_name_prefix="waypost-writer")
        # The transaction under way: what is in it, and since when it is; by the monotonic clock.
        self._batch: list[_Pending[T]] = []
        self._begun = 0.0
        self._watching = False
        self._hung = False
        self._away_since: float | None = None
        self._reason = ""
        self._files_lost: FilesLostError | None = None

    def put(self, item: T, *, bounded: bool = False) -> asyncio.Future[Any]:
        """Writes an item in the next transaction; the future has its result once that is durable.

        The future has `StoreUnavailableError` if the transaction could not be made durable, and what the item
        raised if it was refused by itself.

        Args:
            bounded: whether the future fails, too, while it is open whether a flush that hangs succeeds.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if self._hung or self._files_lost is not None:
            future.set_exception(self._files_lost or StoreUnavailableError(_HUNG))
            return future
        self._pending.append(_Pending(item, future, bounded))
        if not self._busy:
            self._busy = True
            # What else this turn of the event loop brings shares the transaction.
            loop.call_soon(self._hand_over, loop)
        return future

    def condition(self) -> StoreCondition:
        """Whether transactions succeed."""
        if self._away_since is None:
            return StoreCondition(0.0, "")
        return StoreCondition(max(steady_seconds() - self._away_since, 0.001), self._reason)

    async def run_alone(self, work: Callable[[], U]) -> U:
        """Runs something in the writer's thread, between transactions."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self, last: Callable[[], None] = lambda: None) -> None:
        """Writes what is pending, runs `last` in the writer's thread and ends the thread."""
        if self._busy:
            self._idle = asyncio.Event()
            await self._idle.wait()
        await self.run_alone(last)
        self._thread.shutdown()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._pending = self._pending[:MAX_ITEMS], self._pending[MAX_ITEMS:]
        self._batch = batch
        self._begun = steady_seconds()
        if not self._watching:
            self._watching = True
            loop.call_later(self._hung_after, self._watch, loop)
        items = [pending.item for pending in batch]
        try:
            written: asyncio.Future[Sequence[object]] = loop.run_in_executor(self._thread, self._write, items)
        except RuntimeError as error:
            # The writer is closed.
            written = loop.create_future()
            written.set_exception(StoreUnavailableError(str(error)))
        written.add_done_callback(lambda done: self._settle(loop, batch, done))

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Looks whether the transaction under way hangs; one timer for all of them, not one for each."""
        self._watching = False
        if not self._busy or self._hung or not self._batch:
            return
        left = self._begun + self._hung_after - steady_seconds()
        if left > 0.001:
            self._watching = True
            loop.call_later(left, self._watch, loop)
            return
        self._hung = True
        self._note_away(_HUNG)
        for pending in self._batch:
            if pending.bounded and not pending.future.done():
                answered, pending.future = pending.future, loop.create_future()
                # Its error is of no concern to who does not look at it.
                pending.future.add_done_callback(lambda outcome: outcome.exception())
                answered.set_exception(UnknownOutcomeError(_HUNG, pending.future))
        self._refuse_pending(StoreUnavailableError(_HUNG))

    def _refuse_pending(self, error: Exception) -> None:
        waiting, self._pending = self._pending, []
        for pending in waiting:
            if not pending.future.done():
                pending.future.set_exception(error)

    def _settle(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[_Pending[T]],
        done: asyncio.Future[Sequence[object]],
    ) -> None:
        self._batch = []
        self._hung = False
        self.flushes.add(steady_seconds() - self._begun)
        error = done.exception()
        if error is None:
            if self._away_since is not None:
                self._note_back()
            self._announce(loop)
            for pending, result in zip(batch, done.result(), strict=True):
                if pending.future.done():
                    continue
                if isinstance(result, Exception):
                    pending.future.set_exception(result)
                else:
                    pending.future.set_result(result)
        else:
            self._fail(batch, error)
        if len(batch) >= MANY_ITEMS and 0 < len(self._pending) < MAX_ITEMS:
            loop.call_later(GATHER_S, self._hand_over, loop)
            return
        if self._pending:
            self._hand_over(loop)
            return
        self._busy = False
        if self._idle is not None:
            self._idle.set()

    def _fail(self, batch: list[_Pending[T]], error: BaseException) -> None:
        """Refuses a transaction that failed, and what is in the same case."""
        was_busy = is_busy(error)
        if isinstance(error, sqlite3.Error):
            error = StoreUnavailableError(str(error))
        if isinstance(error, StoreUnavailableError):
            self._note_away(str(error))
        for pending in batch:
            if not pending.future.done():
                pending.future.set_exception(error)
        if isinstance(error, FilesLostError):
            is_first, self._files_lost = self._files_lost is None, error
            self._refuse_pending(error)
            if is_first:
                self.when_lost(error)
        elif was_busy and isinstance(error, StoreUnavailableError):
            self._refuse_pending(error)

    def _note_away(self, reason: str) -> None:
        self._reason = reason
        if self._away_since is None:
            self._away_since = self._begun
            log = _logger()
            log.error("database.away", error=reason)

    def _note_back(self) -> None:
        assert self._away_since is not None
        log = _logger()
        log.warning("database.back", seconds=round(steady_seconds() - self._away_since, 1))
        self._away_since = None

    def _announce(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._committed()
        except Exception as error:  # noqa: BLE001 - those who wait for the transaction get its results
            loop.call_exception_handler({"message": "a listener of the store failed", "exception": error})


def _logger() -> Any:
    # A command writes without a word: it loads no log for a database that never goes away under it.
    import structlog

    return structlog.get_logger()
