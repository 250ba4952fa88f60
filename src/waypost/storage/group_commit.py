"""Many changes, one flush: whoever waits while a flush is under way shares the next one.

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

# Bounds how long one round keeps the event loop from taking calls in: about 10 ms.
_ROUND = 400


class Batch(Protocol):
    """One database transaction that several changes share."""

    def begin(self) -> Transaction:
        """Opens it."""
        ...

    def flush(self) -> None:
        """Makes it durable; called in the flushing thread.

        Raises:
            sqlite3.Error: it could not.
        """
        ...

    def undo(self) -> None:
        """Takes all of it back."""
        ...

    def flushed(self) -> None:
        """Called on the event loop's thread once it is durable."""
        ...


class _Waiting:
    __slots__ = ("change", "future", "result")

    def __init__(self, change: Callable[[Transaction], Any], future: asyncio.Future[Any]) -> None:
        self.change = change
        self.future = future
        self.result: Any = None


class GroupCommit:
    """Runs changes in rounds.

    Args:
        batch: opens, flushes and takes back the shared transaction.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._waiting: list[_Waiting] = []
        self._running: asyncio.Task[None] | None = None
        self._flusher = ThreadPoolExecutor(1, thread_name_prefix="waypost-flush")

    async def run(self, change: Callable[[Transaction], T]) -> T:
        """Runs `change` in the next round and returns its result once it is durable.

        Raises:
            StoreUnavailableError: the database could not make it durable; nothing was done.
            Exception: what `change` raised; nothing of it was done.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Waiting(change, future))
        if self._running is None:
            self._running = loop.create_task(self._rounds())
        return await future

    async def close(self) -> None:
        """Finishes what waits."""
        if self._running is not None:
            await self._running
        self._flusher.shutdown()

    async def _rounds(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_ROUND], self._waiting[_ROUND:]
                await self._round(batch)
        finally:
            self._running = None

    async def _round(self, batch: list[_Waiting]) -> None:
        try:
            transaction = self._batch.begin()
            for waiting in batch:
                waiting.result = waiting.change(transaction)
        except Exception as error:  # noqa: BLE001 - the error is handed to the caller that owns it
            self._batch.undo()
            await self._one_by_one(batch, error)
            return
        await self._flush(batch)

    async def _one_by_one(self, batch: list[_Waiting], error: Exception) -> None:
        """One of them failed: each gets a transaction of its own, so that only it is told."""
        if len(batch) == 1:
            if isinstance(error, sqlite3.OperationalError):
                error = StoreUnavailableError(str(error))
            if not batch[0].future.done():
                batch[0].future.set_exception(error)
            return
        for waiting in batch:
            await self._round([waiting])

    async def _flush(self, batch: list[_Waiting]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._flusher, self._batch.flush)
        except sqlite3.IntegrityError as error:
            self._batch.undo()
            await self._one_by_one(batch, error)
            return
        except sqlite3.Error as error:
            self._batch.undo()
            for waiting in batch:
                if not waiting.future.done():
                    waiting.future.set_exception(StoreUnavailableError(str(error)))
            return
        self._batch.flushed()
        for waiting in batch:
            if not waiting.future.done():
                waiting.future.set_result(waiting.result)
