"""The stages of delivery and the workers that drive them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from waypost.clock import Clock
from waypost.config.settings import Settings
from waypost.delivery.cancelling import Canceller
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatch_lanes import DispatchLanes
from waypost.delivery.dispatcher import Dispatcher
from waypost.delivery.hand_on import HandOn
from waypost.delivery.lanes import Lanes, Width
from waypost.delivery.notifier import Notifier
from waypost.delivery.options import DeliveryOptions
from waypost.delivery.push_lines import host_of
from waypost.delivery.rerouting import Rerouter
from waypost.delivery.route_controls import RouteControls
from waypost.delivery.route_states import LiveRouteStates
from waypost.delivery.routes import Route
from waypost.delivery.sms_refusals import SmsRefusals
from waypost.delivery.stage_worker import StageWorker
from waypost.delivery.tallies import DispatchTallies
from waypost.delivery.timers import Timers
from waypost.delivery.tracker import Tracker
from waypost.model.message.lanes import parse_callback_lane
from waypost.model.routes.breaker import BreakerOptions
from waypost.model.routes.classes import RouteBounds
from waypost.outbound.public_sockets import public_socket, require_public
from waypost.server.health import Reason
from waypost.server.http_sessions import HttpSessions
from waypost.storage.contract import Store
from waypost.storage.records import Stage

# How many rows of a lane are under way at once where nothing is requested from the outside.
_WIDTH = 1000
# How many rows are claimed at once.
_BATCH = 200
# How long a claim holds where nothing is requested, and beyond the longest request elsewhere; real seconds.
_LEASE = 60.0

# How many hosts that do not accept callbacks are named in health.
_MOST_HOSTS = 20
# How long callbacks are gathered for the next claim and its arrays; real seconds.
_GATHER_CALLBACKS = 0.02


class Delivery(NamedTuple):
    """The stages of delivery.

    Attributes:
        hand_on: where messages are accepted.
        tracker: where providers' reports arrive.
        workers: claim what waits in the journal, one a stage.
        notifier: pushes callbacks.
        routes: by name.
        sms_refusals: what the limits on SMS refused.
        bounds: how much is under way, and for how long.
        controls: whether and how fast each route may be used.
        canceller: carries out cancellations.
        rerouter: lets what waits for a route that cannot be used go by another one.
        tallies: what is counted of submissions.
    """

    hand_on: HandOn
    tracker: Tracker
    workers: list[StageWorker]
    notifier: Notifier
    routes: Mapping[str, Route]
    sms_refusals: SmsRefusals
    bounds: "DispatchBounds"
    controls: RouteControls
    canceller: Canceller
    rerouter: Rerouter
    tallies: DispatchTallies


class DispatchBounds:
    """How many attempts of a route are under way at once, and how long the claim on one holds.

    Args:
        width: attempts of a route at once.
        promotion_share: the share of promotions of what starts while transactions take all of a route.
        routes: by name; the longest request of all sets the lease.
    """

    def __init__(self, width: int, promotion_share: float, routes: Mapping[str, Route]) -> None:
        self._width = width
        self._share = promotion_share
        self._routes = routes
        self._listeners: list[Callable[[], None]] = []

    @property
    def lease(self) -> float:
        """How long a claim holds; real seconds."""
        return _LEASE + 2 * max((route.longest_request for route in self._routes.values()), default=0.0)

    def of(self, route: str) -> RouteBounds:
        """What bounds a route: by itself, for a provider that hangs must not hold up an account's fallback by
        another one."""
        return RouteBounds(self._width, self._share)

    def when_changed(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after a change."""
        self._listeners.append(listener)

    def change(self, width: int) -> None:
        """Takes over a width, and whatever the routes are now."""
        self._width = width
        for listener in self._listeners:
            listener()


def create_delivery(
    settings: Settings,
    store: Store,
    clock: Clock,
    context: DeliveryContext,
    routes: Mapping[str, Route],
    states: LiveRouteStates,
    sessions: HttpSessions,
) -> Delivery:
    """Creates the stages."""
    callbacks = settings.callbacks
    options = settings.delivery
    bounds = DispatchBounds(options.concurrency, options.promotion_share, routes)
    controls = RouteControls(store, clock, states, breaker_options(options), options.promotion_share, routes)

    def callback_widths(lane: str) -> Sequence[Width]:
        # Each POST takes many callbacks; what waits for a place goes into the next one.
        width = callbacks.batch * callbacks.concurrency_per_url
        account_id, url = parse_callback_lane(lane)
        host = host_of(url)
        return (
            (f"host {host}", width),
            (f"account {account_id}", 2 * width),
            # The last quarter of a host's places is for other accounts.
            (f"host {host} account {account_id}", width - width // 4),
        )

    sms_refusals = SmsRefusals()
    dispatcher = Dispatcher(store, context, routes, sms_refusals=sms_refusals, controls=controls)
    dispatch_lanes = DispatchLanes(bounds.of, controls)
    controls.when_woken(dispatch_lanes.wake)
    hand_on = HandOn(store, context, routes, dispatcher, dispatch_lanes, bounds.lease)
    tracker = Tracker(store, context)
    callback_lanes = Lanes(callback_widths)
    notifier = _notifier(settings, store, context, sessions, callback_lanes)
    workers = [
        StageWorker(
            store,
            clock,
            stage,
            process,
            lanes=lanes,
            batch=_BATCH,
            lease=lease,
            pause=pause,
        )
        for stage, process, lanes, lease, pause in (
            (Stage.DISPATCH, dispatcher.process, dispatch_lanes, bounds.lease, 0.0),
            (Stage.RECEIPT, tracker.process, Lanes(_single_width), _LEASE, 0.0),
            (Stage.TIMER, Timers(store, context).process, Lanes(_single_width), _LEASE, 0.0),
            (
                Stage.CALLBACK,
                notifier.process,
                callback_lanes,
                _LEASE + 2 * callbacks.timeout,
                _GATHER_CALLBACKS,
            ),
        )
    ]

    def follow_bounds() -> None:
        hand_on.use_lease(bounds.lease)
        workers[0].use_lease(bounds.lease)
        dispatch_lanes.forget_bounds()

    bounds.when_changed(follow_bounds)
    return Delivery(
        hand_on,
        tracker,
        workers,
        notifier,
        routes,
        sms_refusals,
        bounds,
        controls,
        Canceller(store, context),
        Rerouter(store, context, routes),
        dispatcher.tallies,
    )


def breaker_options(options: DeliveryOptions) -> BreakerOptions:
    """When breakers open, by the settings."""
    return BreakerOptions(
        options.breaker_threshold,
        int(options.breaker_window * 1000),
        options.breaker_least,
        [int(seconds * 1000) for seconds in options.breaker_probes],
    )


def delivery_reasons(delivery: Delivery, now: int) -> Iterator[Reason]:
    """What of the outside fails.

    Args:
        now: milliseconds UTC.
    """
    if failing := delivery.controls.failing():
        yield Reason("routes_failing", {"routes": failing})
    lanes = map(parse_callback_lane, delivery.notifier.failing_lanes(now))
    if hosts := sorted({host_of(lane.url) for lane in lanes}):
        yield Reason("callbacks_waiting", {"hosts": hosts[:_MOST_HOSTS], "of": len(hosts)})
    if accounts := delivery.sms_refusals.recent(now):
        yield Reason("sms_limited", {"accounts": accounts})


def _single_width(lane: str) -> Sequence[Width]:
    return ((lane, _WIDTH),)


def _notifier(
    settings: Settings, store: Store, context: DeliveryContext, sessions: HttpSessions, lanes: Lanes
) -> Notifier:
    session = sessions.open(limit=0)
    options = settings.callbacks
    if options.allow_private:
        return Notifier(store, context, options, session, session, lanes.pause)
    guarded, check = sessions.open(0, public_socket), partial(require_public, sessions.names)
    return Notifier(store, context, options, session, guarded, lanes.pause, check)
