"""Receives from queues, at once or as soon as there is something (a long poll)."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from waypost.clock import Clock, steady_seconds
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import QueueMessage

# How often a poll looks by itself, in real seconds: for what another process has written.
_POLL_INTERVAL = 1.0
# What has expired is removed a few at a time, so that calls never wait long behind it; real seconds.
_FORGET = 5.0
_A_TIME = 1_000
_PAUSE = 0.05


class Receiving:
    """The receives of all queues.

    A poll's own end comes by real time, for there a caller waits; what is visible goes by business time.

    Args:
        retention: milliseconds of business time a message is kept.
        hidden: milliseconds of business time a received message is hidden.
    """

    def __init__(self, store: Store, clock: Clock, *, retention: int, hidden: int) -> None:
        self._store = store
        self._clock = clock
        self.retention = retention
        self.hidden = hidden
        self._polls: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False
        store.queues.listen(self._wake)

    @property
    def expired(self) -> int:
        """When a message was written whose retention ends now."""
        return self._clock.now() - self.retention

    async def receive(self, queue: str, limit: int, wait_s: float) -> list[QueueMessage]:
        """Up to `limit` messages, hidden from others from now on; none when none came in time."""
        deadline = steady_seconds() + wait_s
        woken = asyncio.Event()
        self._polls[queue].add(woken)
        try:
            while True:
                due = await self._store.queues.due(queue, expired=self.expired)
                if due is not None and due <= self._clock.now():
                    received = await self._take(queue, limit)
                    if received:
                        return received
                left = deadline - steady_seconds()
                if left <= 0 or self._closed:
                    return []
                await self._wait(due, woken, min(left, _POLL_INTERVAL))
        finally:
            self._polls[queue].discard(woken)
            if not self._polls[queue]:
                del self._polls[queue]

    async def forget_expired(self) -> None:
        """Removes what nobody has read in time, for ever."""

        def change(transaction: Transaction) -> int:
            return transaction.queues.forget(self.expired, _A_TIME)

        while True:
            removed = await self._store.transact(change)
            await asyncio.sleep(_FORGET if removed < _A_TIME else _PAUSE)

    async def _take(self, queue: str, limit: int) -> list[QueueMessage]:
        now, expired = self._clock.now(), self.expired
        return await self._store.transact(
            lambda tx: tx.queues.receive(queue, limit, now=now, until=now + self.hidden, expired=expired)
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
        """Ends all polls with what there is."""
        self._closed = True
        self._wake(list(self._polls))
