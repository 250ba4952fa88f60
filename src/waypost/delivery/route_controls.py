"""Whether and how fast each route may be used: its breaker and its rate, for those who claim and who send."""

from collections.abc import Callable, Mapping

from waypost.clock import Clock
from waypost.delivery.route_breaker import RouteBreaker
from waypost.delivery.route_pace import RoutePace
from waypost.delivery.route_states import LiveRouteStates
from waypost.delivery.routes import Route
from waypost.model.routes.breaker import BreakerOptions
from waypost.storage.contract import Store


class RouteControl:
    """The breaker and the rate of one route.

    Attributes:
        breaker: whether the provider answers, and whether the route is paused.
        pace: what keeps its rate; None for none.
        rate: how many requests may start in a second; 0 for any number.
    """

    def __init__(self, breaker: RouteBreaker) -> None:
        self.breaker = breaker
        self.pace: RoutePace | None = None
        self.rate = 0
        self.places = breaker.places
        self.look = breaker.look
        self.wake_at = breaker.wake_at
        self.start_probe = breaker.start_probe
        self.drop_probe = breaker.drop_probe

    @property
    def is_free(self) -> bool:
        """Whether anything may be sent, not a probe alone."""
        return self.breaker.is_free


class RouteControls:
    """The controls of all routes.

    Args:
        states: the states of the routes.
        options: when breakers open.
        promotion_share: the share of promotions while transactions take a route's whole rate.
        routes: the routes by name.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        states: LiveRouteStates,
        options: BreakerOptions,
        promotion_share: float,
        routes: Mapping[str, Route],
    ) -> None:
        self.states = states
        self._store = store
        self._clock = clock
        self._options = options
        self._share = promotion_share
        self._routes = routes
        self._controls: dict[str, RouteControl] = {}
        self._woken: Callable[[], None] = lambda: None
        states.when_changed(self._follow)

    def when_woken(self, listener: Callable[[], None]) -> None:
        """Calls `listener` when a route may be used more than before."""
        self._woken = listener

    def of(self, route: str) -> RouteControl:
        """The control of a route."""
        control = self._controls.get(route)
        if control is None:
            control = self._controls[route] = RouteControl(self._breaker(route))
        present = self._routes.get(route)
        rate = present.rate if present is not None else 0
        if control.rate != rate:
            control.rate = rate
            control.pace = (
                RoutePace(self._store, route, rate, self._share, lambda: self._woken()) if rate else None
            )
        return control

    def failing(self) -> dict[str, str]:
        """The routes whose providers do not answer, and why."""
        states = ((name, self.of(name).breaker.state) for name in self._routes)
        return {name: state.reason for name, state in states if state.reason}

    def _breaker(self, route: str) -> RouteBreaker:
        def longest_request() -> float:
            present = self._routes.get(route)
            return present.longest_request if present is not None else 0.0

        return RouteBreaker(
            route,
            self.states,
            self._clock,
            self._options,
            self._store.run(),
            longest_request=longest_request,
            woken=lambda: self._woken(),
        )

    def _follow(self, route: str) -> None:
        if route in self._controls:
            self._controls[route].breaker.follow()
