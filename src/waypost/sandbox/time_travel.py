"""Moves the sandbox's clock from one due time to the next, so that all work in between is done in order."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from waypost.clock import MovableClock
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.storage.contract import Store
from waypost.storage.private_files import create_private_file

# How often it is checked whether all due work is done, in real seconds.
_POLL_INTERVAL = 0.002


def persistent_clock(path: Path, when_moved: Callable[[], None] = lambda: None) -> MovableClock:
    """A clock whose offset from real time is stored in a file, so that the next run continues with it.

    Args:
        when_moved: called after each move.
    """
    offset = json.loads(path.read_text(encoding="utf-8"))["offset"] if path.exists() else 0

    def save(offset: int) -> None:
        new_file = path.with_suffix(".new")
        create_private_file(new_file)
        new_file.write_text(json.dumps({"offset": offset}), encoding="utf-8")
        new_file.replace(path)
        when_moved()

    return MovableClock(offset, save)


class StoppedError(Exception):
    """The sandbox is being stopped, so that work that is due will not be done."""


class TimeTravel:
    """Moves the clock of one sandbox.

    Args:
        store: the store of the service, whose journal has its due work.
        network: the phones, which have the providers' due callbacks.
        next_review: returns when the next review is due, in milliseconds UTC; None if none waits.
    """

    def __init__(
        self,
        clock: MovableClock,
        store: Store,
        network: PhoneNetwork,
        next_review: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._store = store
        self._network = network
        self._next_review = next_review
        self._lock = asyncio.Lock()
        self._is_stopped = False

    def stop(self) -> None:
        """Ends all waits for due work, which is not done any more."""
        self._is_stopped = True

    async def advance(self, seconds: float) -> int:
        """Moves the clock `seconds` ahead, doing all work that is due meanwhile; returns the new time.

        Raises:
            StoppedError: the sandbox is being stopped; the clock has moved as far as the work is done.
        """
        async with self._lock:
            # Work that is due already is done first, and its duration is not part of the advance.
            await self.settle()
            target = self._clock.now() + int(seconds * 1000)
            while (due := await self.next_due()) is not None and due <= target:
                self._clock.move_to(due)
                await self.settle()
            self._clock.move_to(target)
            await self.settle()
            return self._clock.now()

    async def advance_to_next(self) -> bool:
        """Moves the clock to the next due time, if there is one, and does what is due then.

        Returns:
            Whether anything was waiting.

        Raises:
            StoppedError: the sandbox is being stopped.
        """
        async with self._lock:
            await self.settle()
            due = await self.next_due()
            if due is None:
                return False
            self._clock.move_to(due)
            await self.settle()
            return True

    async def settle(self) -> None:
        """Returns when no work is due, neither the service's nor the providers' nor the reviewers'.

        Raises:
            StoppedError: the sandbox is being stopped.
        """
        while True:
            if self._is_stopped:
                raise StoppedError
            due = await self.next_due()
            if due is None or due > self._clock.now():
                return
            await asyncio.sleep(_POLL_INTERVAL)

    async def next_due(self) -> int | None:
        """When the next thing is due, milliseconds UTC; None if nothing waits."""
        dues = (await self._store.earliest_due(), self._network.next_due(), self._next_review())
        return min((due for due in dues if due is not None), default=None)
