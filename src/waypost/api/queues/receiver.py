"""Receives messages from queues, with long polling, and removes expired ones."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from waypost.clock import Clock, steady_seconds
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import QueueMessage

# A long poll reads the store this often, for messages that another process has written.
_POLL_INTERVAL_S = 1.0
# Expired messages are removed in batches, so that other transactions never wait long.
_REMOVAL_BATCH = 1_000
_REMOVAL_INTERVAL_S = 5.0
_REMOVAL_PAUSE_S = 0.05


class QueueReceiver:
    """Receives messages from all queues.

    The end of a poll is measured in real time, since a client is waiting; visibility and retention are
    measured in business time.

    Args:
        retention: milliseconds that a message is kept.
        visibility_timeout: milliseconds that a received message is hidden.
    """

    def __init__(self, store: Store, clock: Clock, *, retention: int, visibility_timeout: int) -> None:
        self._store = store
        self._clock = clock
        self.retention = retention
        self.visibility_timeout = visibility_timeout
        self._polls: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False
        store.queues.listen(self._wake)

    @property
    def expired(self) -> int:
        """Messages written before this time have expired, milliseconds UTC."""
        return self._clock.now() - self.retention

    async def receive(self, queue: str, limit: int, wait_s: float) -> list[QueueMessage]:
        """Receives and hides up to `limit` messages; returns none if none becomes visible in time.

        Args:
            wait_s: seconds to wait for the first message.
        """
        deadline = steady_seconds() + wait_s
        woken = asyncio.Event()
        self._polls[queue].add(woken)
        try:
            while True:
                due = await self._store.queues.due(queue, expired=self.expired)
                if due is not None and due <= self._clock.now():
                    received = await self._receive_visible(queue, limit)
                    if received:
                        return received
                left = deadline - steady_seconds()
                if left <= 0 or self._closed:
                    return []
                await self._wait(due, woken, min(left, _POLL_INTERVAL_S))
        finally:
            self._polls[queue].discard(woken)
            if not self._polls[queue]:
                del self._polls[queue]

    async def remove_expired(self) -> None:
        """Removes expired messages continually, until it is cancelled."""

        def change(transaction: Transaction) -> int:
            return transaction.queues.forget(self.expired, _REMOVAL_BATCH)

        while True:
            removed = await self._store.transact(change)
            await asyncio.sleep(_REMOVAL_INTERVAL_S if removed < _REMOVAL_BATCH else _REMOVAL_PAUSE_S)

    async def _receive_visible(self, queue: str, limit: int) -> list[QueueMessage]:
        now, expired = self._clock.now(), self.expired
        return await self._store.transact(
            lambda tx: tx.queues.receive(
                queue, limit, now=now, until=now + self.visibility_timeout, expired=expired
            ),
            bounded=True,
        )

    async def _wait(self, due: int | None, woken: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._clock.wait(due, woken), seconds)
        except TimeoutError:
            return

    def _wake(self, queues: Iterable[str]) -> None:
        for queue in queues:
            for woken in self._polls.get(queue, ()):
                woken.set()

    def close(self) -> None:
        """Ends all polls at once, with the messages that are visible now."""
        self._closed = True
        self._wake(list(self._polls))
