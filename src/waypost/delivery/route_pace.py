"""The rate of a route: a request starts when the store has granted this process one in the present slice of
time, so that all processes together keep the rate in any second."""

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from waypost.clock import machine_seconds
from waypost.model.routes.classes import PromotionTurns
from waypost.model.routes.slices import AHEAD, SLICES, Grant, SliceTokens, slice_of
from waypost.storage.contract import Store, StoreUnavailableError, Transaction
from waypost.storage.route_rates import RateRequest

log = structlog.get_logger()

# What is claimed ahead of the moment in which it starts, in seconds: as long as claiming and writing take.
_AHEAD_S = 0.3
# At least so many are claimed ahead, so that one is ready when a slow route's moment comes.
_LEAST_AHEAD = 2
# After that grants are asked for again from a database that is away, in seconds.
_RETRY_S = 0.25

Starts = deque["asyncio.Future[int]"]


class RoutePace:
    """When requests of one route may start.

    Args:
        rate: how many may start in a second.
        promotion_share: the share of promotions while transactions take the whole rate.
        woken: called when more may be claimed than before.
        seconds: the time that slices are of, which all processes of a machine share.
    """

    def __init__(
        self,
        store: Store,
        route: str,
        rate: int,
        promotion_share: float,
        woken: Callable[[], None] = lambda: None,
        seconds: Callable[[], float] = machine_seconds,
    ) -> None:
        self._store = store
        self._route = route
        self.rate = rate
        self._woken = woken
        self._seconds = seconds
        self._tokens = SliceTokens()
        self._turns = PromotionTurns(promotion_share)
        # Those that wait: transactions, promotions.
        self._starts: tuple[Starts, Starts] = deque(), deque()
        self._out = [0, 0]
        self._requesting: asyncio.Task[None] | None = None
        # Up to which slice everything that the store would grant was asked for.
        self._exhausted_until = 0
        self._running: asyncio.Task[None] | None = None
        self._granted = asyncio.Event()

    def room(self, under_way: int, *, is_promotion: bool) -> int:
        """How many more messages of a class may be claimed: those that start soon.

        Args:
            under_way: how many of the class are claimed and not ended.
        """
        ahead = max(_LEAST_AHEAD, int(self.rate * _AHEAD_S))
        return ahead - (under_way - self._out[is_promotion])

    async def start(self, *, is_promotion: bool) -> None:
        """Returns in the moment in which a request may start; `end` is to be called when it is over."""
        if self._starts[0] or self._starts[1] or not self._tokens.take(slice_of(self._seconds())):
            await self._wait(is_promotion)
        self._out[is_promotion] += 1

    def end(self, *, is_promotion: bool) -> None:
        """Notes that a request that started is over, and its place free."""
        self._out[is_promotion] -= 1

    async def _wait(self, is_promotion: bool) -> None:
        while True:
            start: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            self._starts[is_promotion].append(start)
            self._granted.set()
            if self._running is None:
                self._running = asyncio.get_running_loop().create_task(self._run())
            # The loop may have been held up until the slice was over: then its token is void.
            if await start == slice_of(self._seconds()):
                return

    async def _run(self) -> None:
        """Lets those who wait start, slice by slice, until nobody waits."""
        try:
            while self._starts[0] or self._starts[1]:
                now = self._seconds()
                present = slice_of(now)
                self._tokens.pass_to(present)
                if self._release(present):
                    # Those that start now make room, once they have: they come first in the loop.
                    asyncio.get_running_loop().call_soon(self._woken)
                waiting = len(self._starts[0]) + len(self._starts[1])
                is_due = self._requesting is None and present >= self._exhausted_until - 1
                if is_due and self._tokens.missing(present, waiting):
                    self._requesting = asyncio.get_running_loop().create_task(self._request(present, waiting))
                self._granted.clear()
                try:
                    async with asyncio.timeout((present + 1) / SLICES - now):
                        await self._granted.wait()
                except TimeoutError:
                    continue
        finally:
            self._running = None

    def _release(self, present: int) -> int:
        """Lets as many start as may in the present slice, transactions first; returns how many."""
        transactions, promotions = self._starts
        number = 0
        while self._tokens.left(present):
            if promotions and (not transactions or self._turns.is_due):
                start = promotions.popleft()
                self._turns.note_promotions(1)
            elif transactions:
                start = transactions.popleft()
                if promotions:
                    self._turns.note_transactions(1)
            else:
                break
            if not start.done():
                self._tokens.take(present)
                start.set_result(present)
                number += 1
        return number

    async def _request(self, present: int, waiting: int) -> None:
        run, requested = self._store.run(), self._tokens.missing(present, waiting)
        returned = self._tokens.unused(run, present)
        request = RateRequest(self._route, self.rate, run, present, requested, returned)

        def change(transaction: Transaction) -> list[Grant]:
            return transaction.route_rates.grant(request)

        try:
            granted = await self._store.transact(change)
            self._tokens.add(granted)
            if sum(one.number for one in granted) < requested:
                self._exhausted_until = present + AHEAD
        except StoreUnavailableError as error:
            log.debug("rate.not_granted", route=self._route, error=str(error))
            await asyncio.sleep(_RETRY_S)
        finally:
            self._requesting = None
            self._granted.set()
