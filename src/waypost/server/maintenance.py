"""The background loops that remove old rows; all intervals are real seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from waypost.api.limits import CLIENT_TOKEN_KEPT_MS
from waypost.api.nonces import NonceGuard
from waypost.clock import Clock
from waypost.messaging.retention import RetentionRound
from waypost.model.retention import RetentionAges, cut_of
from waypost.storage.contract import Store, StoreUnavailableError, Transaction
from waypost.storage.rejected_webhooks import KEPT_MS

log = structlog.get_logger()

_INTERVAL_S = 60.0
# Rows are removed in small batches, so that they do not block calls for long.
_BATCH = 2_000
_BATCH_PAUSE_S = 0.05
# How long it is kept that a configuration entry was removed. A node that was stopped for longer reads the
# whole configuration.
_REMOVED_KEPT_S = 3600.0
# How often it is looked what has reached its age, on the service's clock.
_RETENTION_INTERVAL_MS = 3_600_000
# The delay before a loop that failed is started again.
_RESTART_DELAY_S = 1.0


async def supervise(run: Callable[[], Awaitable[None]]) -> None:
    """Runs a background loop, and starts it again after an unexpected error."""
    while True:
        try:
            await run()
            return
        except StoreUnavailableError as error:
            log.info("background.delayed", what=run.__qualname__, error=str(error))
            await asyncio.sleep(_RESTART_DELAY_S)
        except Exception:
            log.exception("background.failed", what=run.__qualname__)
            await asyncio.sleep(_RESTART_DELAY_S)


class Maintenance:
    """Removes what no call needs any more.

    Args:
        ages: how long what is known of messages is kept.
    """

    def __init__(self, store: Store, clock: Clock, nonces: NonceGuard, ages: RetentionAges) -> None:
        self._store = store
        self._clock = clock
        self._nonces = nonces
        self._ages = ages
        self._ages_changed = asyncio.Event()

    def use_ages(self, ages: RetentionAges) -> None:
        """Keeps what is known of messages for another time from now on."""
        if ages != self._ages:
            self._ages = ages
            self._ages_changed.set()

    async def apply_retention(self) -> None:
        """Removes what has reached its age, each hour of the service's clock and whenever that is moved or
        the ages change."""
        while True:
            now = self._clock.now()
            self._ages_changed.clear()
            await RetentionRound(self._store, self._ages, now).run()
            await self._clock.wait(now + _RETENTION_INTERVAL_MS, self._ages_changed)

    async def maintain_nonces(self) -> None:
        """Loads the nonces that were used before a restart into the guard, then removes old ones."""
        for slice_ in sorted(self._nonces.unloaded, reverse=True):
            rows = await asyncio.to_thread(self._store.nonces_in, slice_)
            self._nonces.restore(rows)
            self._nonces.mark_restored(slice_)
        while True:
            removed = await self._store.forget_nonces(self._nonces.oldest_kept, _BATCH)
            await asyncio.sleep(_INTERVAL_S if removed < _BATCH else _BATCH_PAUSE_S)

    async def fold_template_counts(self) -> None:
        """Keeps the number of counts that reads have to add up small."""
        while True:
            await asyncio.sleep(_INTERVAL_S)
            await self._store.fold_template_counts()

    async def forget_client_tokens(self) -> None:
        """Removes the client tokens whose retention has ended."""

        def change(transaction: Transaction) -> int:
            return transaction.client_tokens.forget(self._clock.now() - CLIENT_TOKEN_KEPT_MS, _BATCH)

        while True:
            removed = await self._store.transact(change)
            await asyncio.sleep(_INTERVAL_S if removed < _BATCH else _BATCH_PAUSE_S)

    async def forget_call_records(self) -> None:
        """Removes the records of calls whose retention has ended."""
        await self._forget_older("calls", lambda transaction: transaction.call_records.forget)

    async def forget_audit_rows(self) -> None:
        """Forgets who changed what in the configuration when the retention of that has ended."""
        await self._forget_older("audit", lambda transaction: transaction.configuration.forget_audit)

    async def _forget_older(
        self, key: str, forgetting: Callable[[Transaction], Callable[[int, int], int]]
    ) -> None:
        while True:
            cut = cut_of(getattr(self._ages, key), self._clock.now())
            removed = 0
            if cut is not None:
                removed = await self._store.transact(partial(_forget_until, forgetting, cut))
            await asyncio.sleep(_INTERVAL_S if removed < _BATCH else _BATCH_PAUSE_S)

    async def forget_rejected_webhooks(self) -> None:
        """Removes the webhooks whose retention has ended."""

        def change(transaction: Transaction) -> int:
            return transaction.rejected_webhooks.forget(self._clock.now() - KEPT_MS)

        while True:
            await self._store.transact(change)
            await asyncio.sleep(_REMOVED_KEPT_S)

    async def forget_removed_entries(self) -> None:
        """Drops what is kept of configuration entries that were removed an hour ago or earlier."""
        while True:
            version = await self._store.configuration.version()
            await asyncio.sleep(_REMOVED_KEPT_S)
            removed = _BATCH
            while removed == _BATCH:
                removed = await self._store.transact(partial(_forget_removed, version))
                await asyncio.sleep(_BATCH_PAUSE_S)


def _forget_until(
    forgetting: Callable[[Transaction], Callable[[int, int], int]], cut: int, transaction: Transaction
) -> int:
    return forgetting(transaction)(cut, _BATCH)


def _forget_removed(version: int, transaction: Transaction) -> int:
    return transaction.configuration.forget_removed(version, _BATCH)
