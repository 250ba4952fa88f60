"""The stages of delivery and the workers that drive them."""

from collections.abc import Mapping, Sequence

from waypost.clock import Clock
from waypost.config.settings import Settings
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatcher import Dispatcher
from waypost.delivery.lanes import Lanes, Width
from waypost.delivery.notifier import Notifier, host_of
from waypost.delivery.routes import Route
from waypost.delivery.stage_worker import StageWorker
from waypost.delivery.timers import Timers
from waypost.delivery.tracker import Tracker
from waypost.model.message.lanes import parse_callback_lane, parse_dispatch_lane
from waypost.outbound.public_sockets import public_socket
from waypost.server.http_sessions import HttpSessions
from waypost.storage.contract import Store
from waypost.storage.records import Stage

# How many rows of a lane are under way at once where nothing is requested from the outside.
_WIDTH = 1000
# How many rows are claimed at once.
_BATCH = 200
# How long a claim holds where nothing is requested, and beyond the longest request elsewhere; real seconds.
_LEASE = 60.0


def stage_workers(
    settings: Settings,
    store: Store,
    clock: Clock,
    context: DeliveryContext,
    routes: Mapping[str, Route],
    sessions: HttpSessions,
    tracker: Tracker,
) -> list[StageWorker]:
    """Creates the worker of each stage."""
    delivery, callbacks = settings.delivery, settings.callbacks

    def dispatch_widths(lane: str) -> Sequence[Width]:
        route, account_id, _ = parse_dispatch_lane(lane)
        return (f"route {route}", delivery.concurrency), (f"account {account_id}", delivery.concurrency)

    def callback_widths(lane: str) -> Sequence[Width]:
        # Each POST takes many callbacks; what waits for a place goes into the next one.
        width = callbacks.batch * callbacks.concurrency_per_url
        account_id, url = parse_callback_lane(lane)
        return (f"host {host_of(url)}", width), (f"account {account_id}", 2 * width)

    longest = max((route.longest_request for route in routes.values()), default=0.0)
    dispatcher = Dispatcher(store, context, routes)
    callback_lanes = Lanes(callback_widths)
    notifier = _notifier(settings, store, context, sessions, callback_lanes)
    return [
        StageWorker(store, clock, stage, process, lanes=lanes, batch=_BATCH, lease=_LEASE + 2 * request)
        for stage, process, lanes, request in (
            (Stage.DISPATCH, dispatcher.process, Lanes(dispatch_widths), longest),
            (Stage.RECEIPT, tracker.process, Lanes(_single_width), 0.0),
            (Stage.TIMER, Timers(store, context).process, Lanes(_single_width), 0.0),
            (Stage.CALLBACK, notifier.process, callback_lanes, callbacks.timeout),
        )
    ]


def _single_width(lane: str) -> Sequence[Width]:
    return ((lane, _WIDTH),)


def _notifier(
    settings: Settings, store: Store, context: DeliveryContext, sessions: HttpSessions, lanes: Lanes
) -> Notifier:
    session = sessions.open(limit=0)
    guarded = session if settings.callbacks.allow_private else sessions.open(0, public_socket)
    return Notifier(store, context, settings.callbacks, session, guarded, lanes.pause)
