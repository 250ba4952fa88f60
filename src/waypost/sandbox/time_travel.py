"""Moving the sandbox's clock, so that everything due on the way happens, in its order, before it answers."""

import asyncio
import json
from pathlib import Path

from waypost.clock import MovableClock
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.storage.contract import Store

# How often is looked whether all that was due has happened, in real seconds.
_POLL_INTERVAL = 0.002


def remembered_clock(path: Path) -> MovableClock:
    """A clock that goes on ahead by as much as the last run on the same folder was."""
    offset = json.loads(path.read_text())["offset"] if path.exists() else 0

    def remember(moved: int) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"offset": moved}))
        fresh.replace(path)

    return MovableClock(offset, remember)


class TimeTravel:
    """Moves the clock of one sandbox.

    Args:
        store: whose journal says what is due on our side.
        network: knows what is due on the providers' side.
    """

    def __init__(self, clock: MovableClock, store: Store, network: PhoneNetwork) -> None:
        self._clock = clock
        self._store = store
        self._network = network
        self._one_at_a_time = asyncio.Lock()

    async def advance(self, seconds: float) -> int:
        """Moves the clock `seconds` ahead, from one due moment to the next; the time it then is."""
        async with self._one_at_a_time:
            # First what is due already: how long that takes is not taken off the way.
            await self.settle()
            target = self._clock.now() + int(seconds * 1000)
            while (due := await self._next_due()) is not None and due <= target:
                self._clock.move_to(due)
                await self.settle()
            self._clock.move_to(target)
            await self.settle()
            return self._clock.now()

    async def settle(self) -> None:
        """Returns when nothing is due that has not happened, here or in the world outside."""
        while True:
            due = await self._next_due()
            if due is None or due > self._clock.now():
                return
            await asyncio.sleep(_POLL_INTERVAL)

    async def _next_due(self) -> int | None:
        dues = (await self._store.earliest_due(), self._network.next_due())
        return min((due for due in dues if due is not None), default=None)
