"""The one writer: what arrives while a transaction is under way shares the next one and its flush.

Whole transactions run in a thread of their own, so that neither the disk nor another process's write lock
ever holds the event loop. The longer a transaction takes, the more the next one has to write, and the less
each change costs.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from waypost.storage.contract import StoreUnavailableError

T = TypeVar("T")

# Bounds how long a transaction takes to some milliseconds.
MAX_ITEMS = 500


class _Pending(Generic[T]):
    __slots__ = ("future", "item")

    def __init__(self, item: T, future: asyncio.Future[Any]) -> None:
        self.item = item
        self.future = future


class Writer(Generic[T]):
    """Hands items to transactions.

    Args:
        write: writes items in one transaction and flushes it, in the writer's thread; returns a result or an
            exception for each.
        committed: called on the event loop after each transaction that was committed.
        executor: runs the transactions, one at a time; a thread of its own if there is none.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Sequence[object]],
        committed: Callable[[], None],
        executor: Executor | None = None,
    ) -> None:
        self._write = write
        self._committed = committed
        self._pending: list[_Pending[T]] = []
        self._busy = False
        self._idle: asyncio.Event | None = None
        self._thread = executor or ThreadPoolExecutor(1, thread_name_prefix="waypost-writer")

    def put(self, item: T) -> asyncio.Future[Any]:
        """Writes an item in the next transaction; the future has its result once that is durable.

        The future has `StoreUnavailableError` if the transaction could not be made durable, and what the item
        raised if it was refused by itself.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._pending.append(_Pending(item, future))
        if not self._busy:
            self._busy = True
            # What else this turn of the event loop brings shares the transaction.
            loop.call_soon(self._hand_over, loop)
        return future

    async def close(self) -> None:
        """Writes what is pending and ends the thread."""
        if self._busy:
            self._idle = asyncio.Event()
            await self._idle.wait()
        self._thread.shutdown()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._pending = self._pending[:MAX_ITEMS], self._pending[MAX_ITEMS:]
        items = [pending.item for pending in batch]
        try:
            written: asyncio.Future[Sequence[object]] = loop.run_in_executor(self._thread, self._write, items)
        except RuntimeError as error:
            # The writer is closed.
            written = loop.create_future()
            written.set_exception(StoreUnavailableError(str(error)))
        written.add_done_callback(lambda done: self._settle(loop, batch, done))

    def _settle(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[_Pending[T]],
        done: asyncio.Future[Sequence[object]],
    ) -> None:
        error = done.exception()
        if error is None:
            self._announce(loop)
            for pending, result in zip(batch, done.result(), strict=True):
                if pending.future.done():
                    continue
                if isinstance(result, Exception):
                    pending.future.set_exception(result)
                else:
                    pending.future.set_result(result)
        else:
            if isinstance(error, sqlite3.Error):
                error = StoreUnavailableError(str(error))
            for pending in batch:
                if not pending.future.done():
                    pending.future.set_exception(error)
        if self._pending:
            self._hand_over(loop)
            return
        self._busy = False
        if self._idle is not None:
            self._idle.set()

    def _announce(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._committed()
        except Exception as error:  # noqa: BLE001 - those who wait for the transaction get its results
            loop.call_exception_handler({"message": "a listener of the store failed", "exception": error})
