"""Which routes may be used now: they are in the settings, their providers answer, and nobody paused them."""

from collections.abc import Mapping

from waypost.clock import Clock
from waypost.delivery.route_controls import RouteControls
from waypost.delivery.route_states import LiveRouteStates
from waypost.delivery.routes import Route
from waypost.model.routes.choice import waits_for_probe


class RouteUse:
    """Says which routes may be used.

    Args:
        routes: by name.
        states: the states of the routes.
        clock: business time, in which probes are due.

    Attributes:
        controls: what this process knows of its own probes; from the start of the stages on.
    """

    controls: RouteControls | None = None

    def __init__(self, routes: Mapping[str, Route], states: LiveRouteStates, clock: Clock) -> None:
        self._routes = routes
        self._states = states
        self._clock = clock

    def is_usable(self, route: str) -> bool:
        """Whether messages may be sent by a route."""
        return route in self._routes and self._states.is_usable(route)

    def takes_new(self, route: str) -> bool:
        """Whether new legs choose a route: it may be used, or waits for one to probe with.

        That is so, too, while this process is to probe and has nothing to do it with: what waited may have
        gone by another route meanwhile.
        """
        if route not in self._routes:
            return False
        state = self._states.state(route)
        if state.is_usable or waits_for_probe(state, self._clock.now()):
            return True
        return self.controls is not None and self.controls.of(route).breaker.places() > 0
