"""What was claimed as a route began to rest or was paused is given back, and sent when the route goes on."""

from pathlib import Path

from tests.delivery.dispatch_node import Provider, dispatch_node
from tests.sandbox.sandbox_network import StillClock
from waypost.delivery.resting_routes import hold_back
from waypost.model.routes.state import Breaker, RouteState
from waypost.storage.records import Stage

LANE = "viber 1 promotion"


async def test_of_a_paused_route_nothing_is_sent_and_of_others_all(tmp_path: Path) -> None:
    async with dispatch_node(tmp_path, StillClock(), Provider()) as node:
        await node.fill(5, "promotion", ttl=86_400)
        works = await node.store.claim(Stage.DISPATCH, {LANE: 5}, node.clock.now(), 60.0)
        context = node.dispatcher._context
        assert await hold_back(node.store, context, node.controls, works) is works
        assert await node.states.replace(RouteState(route="viber", paused_by="ops", paused_at=1))
        assert list(await hold_back(node.store, context, node.controls, works)) == []
        again = await node.store.claim(Stage.DISPATCH, {LANE: 5}, node.clock.now(), 60.0)
        assert [(work.seq, work.visible_at, work.tries) for work in again] == [
            (work.seq, work.visible_at, 0) for work in works
        ]


async def test_a_probe_is_the_first_that_has_not_ended(tmp_path: Path) -> None:
    clock = StillClock()
    async with dispatch_node(tmp_path, clock, Provider()) as node:
        await node.fill(2, "promotion", ttl=30)
        await node.fill(3, "promotion", ttl=86_400)
        probing = RouteState(
            route="viber",
            breaker=Breaker.HALF_OPEN,
            prober=node.store.run(),
            probe_at=clock.now() + 86_400_000,
        )
        assert await node.states.replace(probing)
        clock.move_to(clock.now() + 60_000)
        works = await node.store.claim(Stage.DISPATCH, {LANE: 5}, clock.now(), 60.0)
        sent = await hold_back(node.store, node.dispatcher._context, node.controls, works)
        assert [work.seq for work in sent] == [works[2].seq]
        left = await node.store.claim(Stage.DISPATCH, {LANE: 5}, clock.now(), 60.0)
        assert [work.seq for work in left] == [work.seq for work in works[3:]], "two have ended"
