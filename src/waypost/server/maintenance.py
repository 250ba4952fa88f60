"""What goes on beside the calls as long as the service does, in real seconds: what is old is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from waypost.api.limits import CLIENT_TOKEN_KEPT_MS
from waypost.api.nonces import NonceGuard
from waypost.clock import Clock
from waypost.storage.contract import Transaction
from waypost.storage.sqlite import SqliteStore

log = structlog.get_logger()

_POLL = 60.0
# What is old is removed a few at a time, so that calls never wait long behind it.
_A_TIME = 2_000
_PAUSE = 0.05
# Until a task that met a fault is begun again.
_RETRY_AFTER_ERROR = 1.0


async def supervise(run: Callable[[], Awaitable[None]]) -> None:
    """Runs something that is to go on as long as the service does; after a fault it is begun again."""
    while True:
        try:
            await run()
            return
        except Exception:
            log.exception("background.failed", what=run.__qualname__)
            await asyncio.sleep(_RETRY_AFTER_ERROR)


class Maintenance:
    """Forgets what no call can need any more."""

    def __init__(self, store: SqliteStore, clock: Clock, nonces: NonceGuard) -> None:
        self._store = store
        self._clock = clock
        self._nonces = nonces

    async def maintain_nonces(self) -> None:
        """Gives the guard the nonces that were used before a restart, then forgets those that are too old."""
        for slice_ in sorted(self._nonces.unloaded, reverse=True):
            rows = await asyncio.to_thread(self._store.nonces_in, slice_)
            self._nonces.restore(rows)
            self._nonces.mark_restored(slice_)
        while True:
            removed = await self._store.forget_nonces(self._nonces.oldest_kept, _A_TIME)
            await asyncio.sleep(_POLL if removed < _A_TIME else _PAUSE)

    async def forget_client_tokens(self) -> None:
        """Forgets the tokens that are no longer known."""

        def change(transaction: Transaction) -> int:
            return transaction.client_tokens.forget(self._clock.now() - CLIENT_TOKEN_KEPT_MS, _A_TIME)

        while True:
            removed = await self._store.transact(change)
            await asyncio.sleep(_POLL if removed < _A_TIME else _PAUSE)
