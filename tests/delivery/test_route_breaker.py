"""The breaker of a route: its state is the store's, one node probes, and two lines of the log are enough."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.delivery.stages import ScriptedProvider
from tests.sandbox.sandbox_network import StillClock
from waypost.delivery.route_breaker import RouteBreaker
from waypost.delivery.route_controls import RouteControls
from waypost.delivery.route_states import LiveRouteStates
from waypost.delivery.routes import Route
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown
from waypost.model.routes.breaker import BreakerOptions
from waypost.model.routes.state import Breaker, RouteState
from waypost.storage.contract import StoreUnavailableError
from waypost.storage.sqlite import SqliteStore

OPTIONS = BreakerOptions(threshold=0.5, window=60_000, least=5, probes=[1000, 2000])
UNREACHABLE = Refused(SendFailure.UNREACHABLE, "", "no connection")
BUSY = Refused(SendFailure.BUSY, "1", "busy")
NO_SUCH_SENDER = Refused(SendFailure.NOT_CONFIGURED, "7", "no such sender")
BAD_NUMBER = Refused(SendFailure.BAD_NUMBER, "12", "no such number")
NO_ANSWER = Unknown("no answer within 10 s")
TAKEN = Accepted("1")


class Node:
    """A process with its own handle on the store."""

    def __init__(self, path: Path, clock: StillClock) -> None:
        self.store = SqliteStore(path, durable=False)
        self.clock = clock
        self.states = LiveRouteStates(self.store)
        route = Route("viber", ScriptedProvider("viber", clock), "", longest_request=30.0)
        self.controls = RouteControls(self.store, clock, self.states, OPTIONS, 0.02, {"viber": route})
        self.woken = 0
        self.controls.when_woken(self._wake)

    def _wake(self) -> None:
        self.woken += 1

    @property
    def breaker(self) -> RouteBreaker:
        return self.controls.of("viber").breaker

    async def outcomes(self, *outcomes: Outcome) -> None:
        """Requests end so, one after the other."""
        for outcome in outcomes:
            self.breaker.note(self.breaker.ticket(), outcome)
        await self.settle()

    async def settle(self) -> None:
        """Returns when what the breaker decided is written."""
        while (changing := self.breaker._changing) is not None:
            await changing

    async def probe(self) -> bool:
        """Whether it begins a probe now."""
        self.breaker.look(self.clock.now())
        await self.settle()
        return self.breaker.places() == 1

    async def stored(self) -> RouteState:
        return (await self.store.route_states.all()).get("viber") or RouteState(route="viber")


@asynccontextmanager
async def nodes(path: Path, count: int = 1) -> AsyncIterator[list[Node]]:
    clock = StillClock()
    made = [Node(path / "waypost.db", clock) for _ in range(count)]
    try:
        yield made
    finally:
        for node in made:
            await node.store.close()


async def test_it_opens_probes_and_closes(tmp_path: Path) -> None:
    async with nodes(tmp_path) as [node]:
        await node.outcomes(*[UNREACHABLE] * 4)
        assert node.breaker.is_free
        await node.outcomes(UNREACHABLE)
        assert (node.breaker.is_free, node.breaker.places()) == (False, 0)
        assert not node.states.is_usable("viber")
        opened = await node.stored()
        assert (opened.breaker, opened.reason, opened.failed) == (Breaker.OPEN, "unreachable", 5)
        assert node.breaker.wake_at() == node.clock.now() + 1000
        assert not await node.probe(), "it is not due"
        node.clock.move_to(node.clock.now() + 1000)
        woken = node.woken
        assert await node.probe()
        assert node.woken > woken, "who claims looks again"
        node.breaker.start_probe()
        assert node.breaker.places() == 0, "one at a time"
        await node.outcomes(UNREACHABLE)
        assert (await node.stored()).failed == 6
        assert node.breaker.wake_at() == node.clock.now() + 2000
        node.clock.move_to(node.clock.now() + 2000)
        assert await node.probe()
        node.breaker.start_probe()
        await node.outcomes(BAD_NUMBER)
        closed = await node.stored()
        assert (closed.breaker, closed.since, closed.failed) == (Breaker.CLOSED, 0, 0)
        assert node.breaker.is_free


async def test_a_probe_that_was_not_sent_lets_the_next_message_be_it(tmp_path: Path) -> None:
    async with nodes(tmp_path) as [node]:
        await node.outcomes(*[UNREACHABLE] * 5)
        node.clock.move_to(node.clock.now() + 1000)
        assert await node.probe()
        node.breaker.start_probe()
        assert node.breaker.places() == 0
        node.breaker.drop_probe()
        assert node.breaker.places() == 1


async def test_what_was_sent_before_it_opened_does_not_count_as_the_probe(tmp_path: Path) -> None:
    async with nodes(tmp_path) as [node]:
        early = node.breaker.ticket()
        await node.outcomes(*[NO_ANSWER] * 5)
        node.clock.move_to(node.clock.now() + 1000)
        assert await node.probe()
        for outcome in (NO_ANSWER, TAKEN):
            node.breaker.note(early, outcome)
        await node.settle()
        assert (await node.stored()).breaker is Breaker.HALF_OPEN
        assert node.breaker.places() == 1


async def test_it_rests_as_long_as_the_provider_requests(tmp_path: Path) -> None:
    async with nodes(tmp_path) as [node]:
        await node.outcomes(*[TAKEN] * 20, Refused(SendFailure.RATE_LIMITED, "", "", 90_000))
        assert node.breaker.wake_at() == node.clock.now() + 90_000
        assert (await node.stored()).reason == "rate_limited"


async def test_a_restart_finds_it_open_and_nobody_else_probes_meanwhile(tmp_path: Path) -> None:
    async with nodes(tmp_path, 2) as [one, two]:
        await one.outcomes(*[NO_ANSWER] * 5)
        assert two.breaker.is_free, "it has not looked"
        await two.states.refresh()
        assert (two.breaker.is_free, two.breaker.state.reason) == (False, "no_answer")
        one.clock.move_to(one.clock.now() + 1000)
        begun = await asyncio.gather(one.probe(), two.probe())
        assert sorted(begun) == [False, True]
        prober, other = (one, two) if begun[0] else (two, one)
        assert not await other.probe()
        await prober.outcomes(TAKEN)
        await other.states.refresh()
        assert other.breaker.is_free


async def test_a_prober_that_dies_is_followed_by_another(tmp_path: Path) -> None:
    clock = StillClock()
    first = Node(tmp_path / "waypost.db", clock)
    await first.outcomes(*[UNREACHABLE] * 5)
    clock.move_to(clock.now() + 1000)
    assert await first.probe()
    await first.store.close()
    second = Node(tmp_path / "waypost.db", clock)
    second.store.run()
    await second.states.refresh()
    assert not second.breaker.is_free
    assert await second.probe(), "at once: the other one's run is over"
    await second.store.close()


async def test_a_probe_that_hangs_is_followed_by_another_after_its_time(tmp_path: Path) -> None:
    async with nodes(tmp_path, 2) as [one, two]:
        await one.outcomes(*[UNREACHABLE] * 5)
        one.clock.move_to(one.clock.now() + 1000)
        assert await one.probe()
        await two.states.refresh()
        assert two.breaker.wake_at() == one.clock.now() + 45_000
        one.clock.move_to(one.clock.now() + 45_000)
        assert await two.probe()
        assert one.breaker.places() == 0


async def test_a_probe_of_which_nothing_comes_is_followed_by_another(tmp_path: Path) -> None:
    async with nodes(tmp_path) as [node]:
        await node.outcomes(*[UNREACHABLE] * 5)
        node.clock.move_to(node.clock.now() + 1000)
        assert await node.probe()
        node.breaker.start_probe()
        lost_at = node.breaker.wake_at()
        assert lost_at == node.clock.now() + 45_000
        node.clock.move_to(lost_at)
        assert await node.probe()
        await node.outcomes(TAKEN)
        assert node.breaker.is_free


async def test_without_breakers_one_that_was_open_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with nodes(tmp_path) as [node]:
        await node.outcomes(*[UNREACHABLE] * 5)
    monkeypatch.setitem(globals(), "OPTIONS", OPTIONS._replace(threshold=0))
    async with nodes(tmp_path) as [node]:
        await node.states.refresh()
        assert not node.breaker.is_free
        await node.probe()
        assert node.breaker.is_free
        await node.outcomes(*[UNREACHABLE] * 50)
        assert node.breaker.is_free


async def test_another_rate_is_taken_over(tmp_path: Path) -> None:
    async with nodes(tmp_path) as [node]:
        assert node.controls.of("viber").pace is None
        routes = {"viber": Route("viber", ScriptedProvider("viber", node.clock), "", rate=50)}
        node.controls._routes = routes
        pace = node.controls.of("viber").pace
        assert pace is not None
        assert pace.rate == 50
        assert node.controls.of("viber").pace is pace


async def test_a_pause_holds_all_of_it_probes_too(tmp_path: Path) -> None:
    async with nodes(tmp_path) as [node]:
        assert await node.states.replace(RouteState(route="viber", paused_by="ops", paused_at=1))
        assert (node.breaker.is_free, node.breaker.places(), node.breaker.wake_at()) == (False, 0, None)
        # What is under way ends, and is counted.
        await node.outcomes(*[UNREACHABLE] * 5)
        assert (await node.stored()).breaker is Breaker.OPEN
        node.clock.move_to(node.clock.now() + 60_000)
        assert not await node.probe()


class Away(SqliteStore):
    """Cannot be written to for a while."""

    away = 0

    def transact(self, change, *, bounded=False):  # type: ignore[no-untyped-def]
        if self.away:
            self.away -= 1
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(StoreUnavailableError("database is locked"))
            return failed
        return super().transact(change, bounded=bounded)


async def test_it_is_open_while_the_database_is_away_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waypost.delivery.route_breaker._WRITE_RETRY_S", 0.01)
    async with nodes(tmp_path) as [node]:
        node.store.__class__ = Away
        node.store.away = 3  # type: ignore[attr-defined]
        for _ in range(5):
            node.breaker.note(node.breaker.ticket(), UNREACHABLE)
        assert not node.breaker.is_free
        await node.settle()
        assert (await node.stored()).breaker is Breaker.OPEN


@pytest.mark.parametrize(
    ("outcomes", "events"),
    [
        ([UNREACHABLE] * 5, ["down unreachable 5", "back 5"]),
        ([NO_ANSWER] * 200, ["down no_answer 5", "back 5"]),
        ([TAKEN] * 6 + [BUSY] * 6, ["down busy 6", "back 6"]),
        ([NO_SUCH_SENDER], ["down not_configured 1", "back 1"]),
        ([BAD_NUMBER] * 9, []),
        ([UNREACHABLE, TAKEN] * 2, []),
    ],
)
async def test_what_is_logged_of_an_outage(
    tmp_path: Path, outcomes: list[Outcome], events: list[str]
) -> None:
    async with nodes(tmp_path) as [node]:
        with capture_logs() as logs:
            await node.outcomes(*outcomes)
            node.clock.move_to(node.clock.now() + 1000)
            await node.probe()
            await node.outcomes(TAKEN)
        assert all((line["route"], line["log_level"]) == ("viber", "warning") for line in logs)
        assert [
            " ".join(
                str(word)
                for word in (line["event"].removeprefix("provider."), line.get("failure"), line["failed"])
                if word
            )
            for line in logs
        ] == events
        if events:
            assert logs[-1]["seconds"] == 1.0
