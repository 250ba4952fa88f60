"""A provider that is down costs a probe at a time: what waits stays as it is, and goes out in its order."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.claims import claim_due
from tests.delivery.dispatch_node import DispatchNode, Provider, dispatch_node
from tests.model.messages import fallback
from tests.sandbox.sandbox_network import StillClock
from waypost.connectors.contract import Submission
from waypost.delivery.timers import Timers
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import Accepted, Outcome, Refused
from waypost.model.routes.state import Breaker, RouteState
from waypost.storage.records import Stage, Work

DOWN = Refused(SendFailure.UNREACHABLE, "", "no connection")
_WAITING = 300


class Failing(Provider):
    """Fails until it is back."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.outcome: Outcome = DOWN

    async def _answer(self, submission: Submission) -> Outcome:
        return self.outcome

    def messages(self) -> list[str]:
        """The messages that it got, in order."""
        return [one.reference.rsplit("-", 2)[0] for one in self.received]


def rows(node: DispatchNode) -> list[tuple[Any, ...]]:
    """The rows of the dispatch stage, as they are in the file."""
    with closing(sqlite3.connect(node.store._path)) as connection:
        return connection.execute(
            "SELECT seq, message_id, visible_at, tries, fence FROM journal WHERE stage = 'dispatch'"
            " ORDER BY seq"
        ).fetchall()


async def quiet(node: DispatchNode) -> None:
    """Returns when nothing is under way and no change of the route's state is being written."""
    while node.lanes.in_flight("viber") or node.worker._in_flight or node.hand_on._under_way:
        await node.store.changed_elsewhere()
    while (changing := node.controls.of("viber").breaker._changing) is not None:
        await changing


async def out_of_order(node: DispatchNode, provider: Failing) -> None:
    """Lets the route rest."""
    node.start()
    provider_got = len(provider.received)
    await node.fill(_WAITING, "promotion", ttl=86_400)
    await provider.until(provider_got + 5)
    await quiet(node)
    assert node.controls.of("viber").breaker.state.breaker is Breaker.OPEN


async def probe(node: DispatchNode, clock: StillClock, provider: Failing) -> list[str]:
    """The clock moves to the next probe; returns what was sent."""
    before = len(provider.received)
    due = node.controls.of("viber").breaker.wake_at()
    assert due is not None
    clock.move_to(due)
    await provider.until(before + 1)
    await quiet(node)
    return provider.messages()[before:]


async def test_it_costs_one_message_at_a_time_and_the_others_stay_as_they_are(tmp_path: Path) -> None:
    clock, provider = StillClock(), Failing()
    async with dispatch_node(tmp_path, clock, provider) as node:
        await out_of_order(node, provider)
        assert len(provider.received) <= 18, "as many as were under way"
        tried = set(provider.messages())
        untouched = [row for row in rows(node) if row[1] not in tried]
        for _ in range(6):
            tried.update(sent := await probe(node, clock, provider))
            assert len(sent) == 1
        after = {row[0]: row for row in rows(node)}
        left = [row for row in untouched if row[1] not in tried]
        assert len(left) >= _WAITING - 24
        assert [after[row[0]] for row in left] == left, "not written once"
        last = MessageId(left[-1][1])
        [leg] = await node.store.find_legs(last)
        assert (leg.state, leg.attempts) == (LegState.QUEUED, 0)
        assert await node.store.find_events(last) == []
        assert await node.store.list_callbacks(message_id=last) == []


async def test_when_it_is_back_they_go_out_in_their_order(tmp_path: Path) -> None:
    clock, provider = StillClock(), Failing()
    async with dispatch_node(tmp_path, clock, provider) as node:
        await out_of_order(node, provider)
        tried = len(provider.received)
        provider.outcome = Accepted(None)
        clock.move_to(clock.now() + 1000)
        await provider.until(tried + _WAITING, within=60)
        await quiet(node)
        assert rows(node) == []
        once = [each for each in provider.messages()[tried:] if each not in provider.messages()[:tried]]
        assert once == sorted(once)
        assert len(set(provider.messages())) == _WAITING


async def test_an_accepted_message_waits_with_the_others(tmp_path: Path) -> None:
    clock, provider = StillClock(), Failing()
    async with dispatch_node(tmp_path, clock, provider) as node:
        await out_of_order(node, provider)
        before = len(provider.received)
        accepted = await node.accept("transaction", "2", ttl=600)
        await quiet(node)
        assert len(provider.received) == before
        provider.outcome = Accepted(None)
        [*sent] = await probe_and_rest(node, clock, provider)
        assert sent[0] == accepted, "and is the probe, for it goes first"


async def probe_and_rest(node: DispatchNode, clock: StillClock, provider: Failing) -> Sequence[str]:
    """The provider is back: what is sent from the probe on."""
    before = len(provider.received)
    due = node.controls.of("viber").breaker.wake_at()
    assert due is not None
    clock.move_to(due)
    await provider.until(before + 10)
    return provider.messages()[before:]


async def test_a_leg_that_waits_falls_back_by_its_timer_and_is_not_sent_then(tmp_path: Path) -> None:
    clock, provider = StillClock(), Failing()
    async with dispatch_node(tmp_path, clock, provider) as node:
        await out_of_order(node, provider)
        accepted = MessageId(await node.accept("transaction", "2", fallback=fallback(60), ttl=600))
        before = len(provider.received)
        # Nothing but the timer: the worker does not look while the clock stands at a moment without a probe.
        await node.worker.stop()
        clock.move_to(clock.now() + 60_000)
        timers = Timers(node.store, node.dispatcher._context)
        works = await claim_due(node.store, Stage.TIMER, 100, clock.now())
        await timers.process(works, lambda *works: None)
        assert len(await node.store.find_legs(accepted)) == 2
        assert len(provider.received) == before


async def test_a_long_outage_leaves_ended_messages_that_hold_nobody_up(tmp_path: Path) -> None:
    """Messages that expired meanwhile are many, and are not sent; a probe passes over them all at once."""
    clock, provider = StillClock(), Failing()
    async with dispatch_node(tmp_path, clock, provider) as node:
        await out_of_order(node, provider)
        await node.fill(400, "promotion", ttl=30)
        await node.fill(3, "promotion", "2", ttl=86_400)
        before = len(provider.received)
        provider.outcome = Accepted(None)
        clock.move_to(clock.now() + 90_000_000)
        claims = 0
        claim = node.store.claim

        async def counted(*arguments: Any) -> list[Work]:
            nonlocal claims
            claims += 1
            return await claim(*arguments)

        node.store.claim = counted  # type: ignore[method-assign, assignment]
        await node.accept("promotion", "3", ttl=86_400)
        await provider.until(before + 1)
        await quiet(node)
        assert len(provider.messages()[before:]) == 1, "all others have expired"
        assert claims < 250, "700 rows"
        assert node.controls.of("viber").breaker.is_free


async def test_a_paused_route_sends_nothing_and_loses_nothing(tmp_path: Path) -> None:
    clock, provider = StillClock(), Failing()
    provider.outcome = Accepted(None)
    async with dispatch_node(tmp_path, clock, provider) as node:
        node.start()
        await node.accept("transaction")
        await provider.until(1)
        assert await node.states.replace(RouteState(route="viber", paused_by="ops", paused_at=1))
        for number in range(5):
            await node.accept("transaction", str(number % 3 + 1))
        await quiet(node)
        waiting = rows(node)
        assert (len(provider.received), len(waiting)) == (1, 5)
        state = node.states.state("viber")
        assert await node.states.replace(RouteState(route="viber", version=state.version))
        await provider.until(6)
        await quiet(node)
        assert rows(node) == []
