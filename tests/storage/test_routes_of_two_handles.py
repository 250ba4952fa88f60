"""Two handles on one database share their routes: one rate, one breaker, and places kept for transactions.
Each promise has a twin that breaks it, and must be caught."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.scripted_controls import lanes_of_width
from tests.sandbox.sandbox_network import StillClock
from tests.storage.databases import NOW, enqueue
from waypost.delivery.dispatch_lanes import DispatchLanes
from waypost.delivery.route_breaker import RouteBreaker
from waypost.delivery.route_states import LiveRouteStates
from waypost.model.message.failures import SendFailure
from waypost.model.message.lanes import parse_dispatch_lane
from waypost.model.message.outcomes import Accepted, Refused
from waypost.model.routes import classes
from waypost.model.routes.breaker import BreakerOptions
from waypost.model.routes.slices import SLICES, WINDOW, Grant, grant
from waypost.model.routes.state import RouteState
from waypost.storage import route_rates
from waypost.storage.contract import Transaction
from waypost.storage.records import Stage, Work
from waypost.storage.route_rates import RateRequest
from waypost.storage.route_states import RouteStates
from waypost.storage.sqlite import SqliteStore

FIRST_SLICE = 40_000
OPTIONS = BreakerOptions(threshold=0.5, window=60_000, least=5, probes=[1000])
UNREACHABLE = Refused(SendFailure.UNREACHABLE, "", "no connection")


class Pair:
    """Two handles on one database."""

    def __init__(self, path: Path) -> None:
        self.one, self.two = (SqliteStore(path, durable=False) for _ in range(2))
        self.both = self.one, self.two
        self.clock = StillClock(NOW)

    async def close(self) -> None:
        for store in self.both:
            await store.close()


Promise = Callable[[Pair], Coroutine[Any, Any, None]]


async def request(store: SqliteStore, present: int, number: int, rate: int) -> list[Grant]:
    def change(transaction: Transaction) -> list[Grant]:
        return transaction.route_rates.grant(RateRequest("r", rate, store.run(), present, number))

    return await store.transact(change)


async def both_keep_one_rate(pair: Pair) -> None:
    rate = 50
    granted = Counter[int]()
    for present in range(FIRST_SLICE, FIRST_SLICE + 4 * SLICES):
        for made in await asyncio.gather(*(request(store, present, 1000, rate) for store in pair.both)):
            for one in made:
                granted[one.slice] += one.number
    slices = range(FIRST_SLICE, FIRST_SLICE + 4 * SLICES)
    seconds = [sum(granted[each] for each in range(first, first + WINDOW)) for first in slices[:-WINDOW]]
    assert max(seconds) <= rate
    assert sum(granted[each] for each in slices) >= 0.9 * 4 * rate


def breaker(store: SqliteStore, clock: StillClock) -> tuple[RouteBreaker, LiveRouteStates]:
    states = LiveRouteStates(store)
    made = RouteBreaker(
        "r", states, clock, OPTIONS, store.run(), longest_request=lambda: 30.0, woken=lambda: None
    )
    states.when_changed(lambda route: made.follow())
    return made, states


async def settle(*breakers: RouteBreaker) -> None:
    for each in breakers:
        while (changing := each._changing) is not None:
            await changing


async def both_see_one_breaker_and_one_of_them_probes(pair: Pair) -> None:
    (one, _), (two, states) = (breaker(store, pair.clock) for store in pair.both)
    for _ in range(OPTIONS.least):
        one.note(one.ticket(), UNREACHABLE)
    await settle(one)
    await states.refresh()
    assert (one.places(), two.places()) == (0, 0)
    pair.clock.move_to(NOW + 1000)
    for each in (one, two):
        each.look(pair.clock.now())
    await settle(one, two)
    assert sorted((one.places(), two.places())) == [0, 1]
    prober = one if one.places() else two
    prober.note(prober.ticket(), Accepted("1"))
    await settle(prober)
    assert (await pair.one.route_states.all())["r"].is_usable


async def a_breaker_outlives_its_process(pair: Pair) -> None:
    one, _ = breaker(pair.one, pair.clock)
    for _ in range(OPTIONS.least):
        one.note(one.ticket(), UNREACHABLE)
    await settle(one)
    await pair.one.close()
    pair.one = SqliteStore(pair.two._path, durable=False)
    pair.both = pair.one, pair.two
    again, states = breaker(pair.one, pair.clock)
    await states.refresh()
    assert not again.is_free


async def a_pause_on_one_holds_on_the_other(pair: Pair) -> None:
    (_, states), (two, others) = (breaker(store, pair.clock) for store in pair.both)
    assert await states.replace(RouteState(route="r", paused_by="ops", paused_at=NOW))
    await others.refresh()
    assert two.places() == 0
    # What is made of an outdated state is not written: neither change is lost.
    assert not await others.replace(RouteState(route="r", paused_by="else", paused_at=NOW))


async def claim_all(store: SqliteStore, lanes: DispatchLanes) -> list[Work]:
    """Claims as a worker does until there is no place or no row."""
    works: list[Work] = []
    while chosen := lanes.take(200, NOW):
        found = await store.claim(Stage.DISPATCH, chosen, NOW, 60.0)
        lanes.claimed(chosen, found)
        works += found
    return works


async def a_transaction_has_a_place_beside_any_number_of_promotions(pair: Pair) -> None:
    offers = [f"r {account} promotion" for account in range(3)]
    for lane in offers:
        await enqueue(pair.one, *[NOW] * 40, lane=lane)
    workers = [(store, lanes_of_width(20)[0]) for store in pair.both]
    for store, lanes in workers:
        for lane in offers:
            lanes.note(lane, NOW)
        assert len(await claim_all(store, lanes)) in (18, 20)
    for store, lanes in workers:
        # Nothing of what is under way ends.
        await enqueue(store, NOW, lane="r 9 transaction")
        lanes.note("r 9 transaction", NOW)
        works = await claim_all(store, lanes)
        assert [parse_dispatch_lane(work.lane).message_class for work in works] == ["transaction"]


async def promotions_go_on_while_transactions_fill_the_route(pair: Pair) -> None:
    names = ["r 1 promotion", "r 1 transaction", "r 2 transaction"]
    for lane in names:
        await enqueue(pair.one, *[NOW] * 200, lane=lane)
    counted = Counter[str]()
    lanes, _ = lanes_of_width(10)
    for lane in names:
        lanes.note(lane, NOW)
    under_way: list[Work] = []
    for _ in range(150):
        works = await claim_all(pair.two, lanes)
        counted.update(parse_dispatch_lane(work.lane).message_class for work in works)
        under_way += works
        ended = under_way.pop(0)
        lanes.release(ended.lane, [ended.seq])
    assert counted["promotion"] in (3, 4)


PROMISES: list[Promise] = [
    both_keep_one_rate,
    both_see_one_breaker_and_one_of_them_probes,
    a_breaker_outlives_its_process,
    a_pause_on_one_holds_on_the_other,
    a_transaction_has_a_place_beside_any_number_of_promotions,
    promotions_go_on_while_transactions_fill_the_route,
]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_two_handles_keep(tmp_path: Path, promise: Promise) -> None:
    pair = Pair(tmp_path / "waypost.db")
    await promise(pair)
    await pair.close()


def a_rate_is_counted_by_each_handle(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process was granted is not looked at."""

    def of_its_own(granted: list[Grant], number: int, rate: int, run: int, present: int) -> list[Grant]:
        return grant([one for one in granted if one.run == run], number, rate, run, present)

    monkeypatch.setattr(route_rates, "grant", of_its_own)


def a_rate_is_counted_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is a second of the clock, so two of them meet."""

    def by_the_clock(granted: list[Grant], number: int, rate: int, run: int, present: int) -> list[Grant]:
        used = sum(one.number for one in granted if one.slice // SLICES == present // SLICES)
        return [Grant(present, run, left)] if (left := min(number, rate - used)) else []

    monkeypatch.setattr(route_rates, "grant", by_the_clock)


def a_breaker_is_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its state is kept where it was found out."""

    async def replace(self: LiveRouteStates, state: RouteState) -> bool:
        self._note(state)
        return True

    monkeypatch.setattr(LiveRouteStates, "replace", replace)


def whoever_writes_last_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """No version is compared."""
    replace = RouteStates.replace

    def forced(self: RouteStates, state: RouteState) -> bool:
        replace(self, state)
        return True

    monkeypatch.setattr(RouteStates, "replace", forced)


def a_class_is_only_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions go first, and no place is kept for them."""
    monkeypatch.setattr(classes.RouteBounds, "kept", 0)


def promotions_have_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promotions wait for the last transaction."""
    monkeypatch.setattr(classes.PromotionTurns, "is_due", False)


@pytest.mark.parametrize(
    ("promise", "broken"),
    [
        (both_keep_one_rate, a_rate_is_counted_by_each_handle),
        (both_keep_one_rate, a_rate_is_counted_in_seconds),
        (both_see_one_breaker_and_one_of_them_probes, a_breaker_is_in_one_process),
        (a_breaker_outlives_its_process, a_breaker_is_in_one_process),
        (a_pause_on_one_holds_on_the_other, a_breaker_is_in_one_process),
        (a_pause_on_one_holds_on_the_other, whoever_writes_last_is_right),
        (a_transaction_has_a_place_beside_any_number_of_promotions, a_class_is_only_sorted),
        (promotions_go_on_while_transactions_fill_the_route, promotions_have_no_share),
    ],
    ids=lambda value: value.__name__,
)
async def test_a_twin_that_breaks_it_is_caught(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    promise: Promise,
    broken: Callable[[pytest.MonkeyPatch], None],
) -> None:
    broken(monkeypatch)
    pair = Pair(tmp_path / "waypost.db")
    with pytest.raises(AssertionError):
        await promise(pair)
    await pair.close()
