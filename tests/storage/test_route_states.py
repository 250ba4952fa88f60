"""The state of a route: changed by compare-and-set, seen by every handle, kept."""

from tests.storage.databases import NOW, Database
from waypost.model.routes.state import Breaker, RouteState
from waypost.storage.contract import Store, Transaction

OPEN = RouteState(
    route="viber", breaker=Breaker.OPEN, since=NOW, reason="unreachable", failed=7, probe_at=NOW + 1000
)


async def replace(store: Store, state: RouteState) -> bool:
    def change(transaction: Transaction) -> bool:
        return transaction.route_states.replace(state)

    return await store.transact(change)


async def test_a_route_has_none_until_one_is_written(store: Store) -> None:
    assert await store.route_states.all() == {}
    assert await replace(store, OPEN)
    [state] = (await store.route_states.all()).values()
    assert state == RouteState(
        route="viber",
        breaker=Breaker.OPEN,
        since=NOW,
        reason="unreachable",
        failed=7,
        probe_at=NOW + 1000,
        version=1,
    )
    assert not state.is_usable


async def test_only_a_change_of_the_present_version_is_written(store: Store) -> None:
    assert await replace(store, OPEN)
    assert not await replace(store, OPEN), "somebody was first"
    paused = RouteState(route="viber", paused_by="ops", paused_at=NOW, version=1)
    assert await replace(store, paused)
    assert not await replace(store, paused)
    [state] = (await store.route_states.all()).values()
    assert (state.paused_by, state.version, state.is_usable) == ("ops", 2, False)


async def test_it_survives_and_a_prober_that_died_does_not(database: Database) -> None:
    store = database.open(durable=False)
    run = store.run()
    probing = RouteState(route="viber", breaker=Breaker.HALF_OPEN, prober=run, probe_at=NOW + 60_000)
    assert await replace(store, probing)
    assert (await store.route_states.all())["viber"].prober == run
    await store.close()
    store = database.open(durable=False)
    assert store.run() != run
    state = (await store.route_states.all())["viber"]
    assert (state.breaker, state.prober) == (Breaker.HALF_OPEN, 0)
    await store.close()


async def test_the_sandboxs_reset_keeps_it(store: Store) -> None:
    await replace(store, OPEN)
    await store.clear()
    assert set(await store.route_states.all()) == {"viber"}
