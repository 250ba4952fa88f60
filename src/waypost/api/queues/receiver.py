"""Receives from queues, at once or as soon as there is a message (a long poll)."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from waypost.clock import Clock, steady_seconds
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import QueueMessage

# How often a poll looks by itself, for what another process has written.
_POLL_INTERVAL_S = 1.0
# Expired messages are removed a few at a time, so that calls never wait long behind it.
_REMOVAL_BATCH = 1_000
_REMOVAL_INTERVAL_S = 5.0
_REMOVAL_PAUSE_S = 0.05


class QueueReceiver:
    """The receives of all queues.

    A poll ends by real time, since a caller waits there; visibility and retention go by business time.

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
        """When a message was written whose retention ends now, milliseconds UTC."""
        return self._clock.now() - self.retention

    async def receive(self, queue: str, limit: int, wait_s: float) -> list[QueueMessage]:
        """Up to `limit` messages, hidden from others from now on; none when none came in time.

        Args:
            wait_s: seconds to wait for the first one.
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
        """Removes messages whose retention has ended, until it is cancelled."""

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
            )
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
        """Ends all polls at once, with the messages that are there."""
        self._closed = True
        self._wake(list(self._polls))
