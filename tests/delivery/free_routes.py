"""Routes that nothing holds up: their breakers never open, and they have no rate."""

from waypost.clock import Clock
from waypost.delivery.dispatch_lanes import DispatchLanes
from waypost.delivery.route_controls import RouteControls
from waypost.delivery.route_states import LiveRouteStates
from waypost.model.routes.breaker import BreakerOptions
from waypost.model.routes.classes import RouteBounds
from waypost.storage.contract import Store

NEVER_OPENS = BreakerOptions(threshold=0, window=1, least=1, probes=[1])


def free_lanes(store: Store, clock: Clock, width: int) -> DispatchLanes:
    """The lanes of routes of one width."""
    controls = RouteControls(store, clock, LiveRouteStates(store), NEVER_OPENS, 0.02, {})
    return DispatchLanes(lambda route: RouteBounds(width, 0.02), controls)
