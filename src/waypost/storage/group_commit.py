"""Group commit: changes that arrive while a flush is in progress share the next transaction and flush.

Changes run on the event loop's thread, where a statement costs microseconds; only the flush, which costs a
disk's latency, runs in a thread of its own. Running the statements there instead would make each of them
wait for the interpreter's lock while calls come in.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from waypost.storage.contract import StoreUnavailableError, Transaction

T = TypeVar("T")

# Bounds how long one transaction blocks the event loop: about 10 ms.
_MAX_BATCH = 400


class SharedTransaction(Protocol):
    """A database transaction that several changes share."""

    def begin(self) -> Transaction:
        """Begins the transaction."""
        ...

    def flush(self) -> None:
        """Commits the transaction to disk; called in the flushing thread.

        Raises:
            sqlite3.Error: it could not be committed.
        """
        ...

    def roll_back(self) -> None:
        """Undoes all changes of the transaction."""
        ...

    def flushed(self) -> None:
        """Called on the event loop's thread after `flush` succeeded."""
        ...


class _PendingChange:
    __slots__ = ("change", "future", "result")

    def __init__(self, change: Callable[[Transaction], Any], future: asyncio.Future[Any]) -> None:
        self.change = change
        self.future = future
        self.result: Any = None


class GroupCommit:
    """Runs changes in batches that share a transaction.

    Args:
        transaction: begins, flushes and rolls back the shared transaction.
    """

    def __init__(self, transaction: SharedTransaction) -> None:
        self._transaction = transaction
        self._pending: list[_PendingChange] = []
        self._running: asyncio.Task[None] | None = None
        self._flusher = ThreadPoolExecutor(1, thread_name_prefix="waypost-flush")

    def run(self, change: Callable[[Transaction], T]) -> asyncio.Future[T]:
        """Runs `change` in the next transaction; the future has its result once that is durable.

        The future raises:
            StoreUnavailableError: the transaction could not be made durable; nothing was changed.
            Exception: what `change` raised; nothing of it was changed.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._pending.append(_PendingChange(change, future))
        if self._running is None:
            self._running = loop.create_task(self._run_batches())
        return future

    async def close(self) -> None:
        """Runs the pending changes and stops the flushing thread."""
        if self._running is not None:
            await self._running
        self._flusher.shutdown()

    async def _run_batches(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending[:_MAX_BATCH], self._pending[_MAX_BATCH:]
                await self._run_batch(batch)
        finally:
            self._running = None

    async def _run_batch(self, batch: list[_PendingChange]) -> None:
        try:
            transaction = self._transaction.begin()
            for pending in batch:
                pending.result = pending.change(transaction)
        except Exception as error:  # noqa: BLE001 - set as the result of the change that raised it
            self._transaction.roll_back()
            await self._retry_separately(batch, error)
            return
        await self._flush(batch)

    async def _retry_separately(self, batch: list[_PendingChange], error: Exception) -> None:
        """Runs each change of a failed batch in its own transaction, so that only the faulty one fails."""
        if len(batch) == 1:
            if isinstance(error, sqlite3.OperationalError):
                error = StoreUnavailableError(str(error))
            if not batch[0].future.done():
                batch[0].future.set_exception(error)
            return
        for pending in batch:
            await self._run_batch([pending])

    async def _flush(self, batch: list[_PendingChange]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._flusher, self._transaction.flush)
        except sqlite3.IntegrityError as error:
            self._transaction.roll_back()
            await self._retry_separately(batch, error)
            return
        except sqlite3.Error as error:
            self._transaction.roll_back()
            for pending in batch:
                if not pending.future.done():
                    pending.future.set_exception(StoreUnavailableError(str(error)))
            return
        self._transaction.flushed()
        for pending in batch:
            if not pending.future.done():
                pending.future.set_result(pending.result)
