"""The stages of delivery and the workers that drive them."""

from collections.abc import Mapping

from waypost.clock import Clock
from waypost.config.settings import Settings
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatcher import Dispatcher, Route
from waypost.delivery.notifier import Notifier
from waypost.delivery.stage_worker import StageWorker
from waypost.delivery.timers import Timers
from waypost.delivery.tracker import Tracker
from waypost.outbound.public_sockets import public_socket
from waypost.server.http_sessions import HttpSessions
from waypost.storage.contract import Store
from waypost.storage.records import Stage

# How many rows of a stage are in flight at once, unless the settings limit them, and in one batch.
_WIDTH = 1000
_BATCH = 100


def stage_workers(
    settings: Settings,
    store: Store,
    clock: Clock,
    context: DeliveryContext,
    routes: Mapping[str, Route],
    sessions: HttpSessions,
) -> list[StageWorker]:
    """Creates the worker of each stage."""
    dispatcher = Dispatcher(store, context, routes)
    processes = {
        Stage.DISPATCH: dispatcher.process,
        Stage.FALLBACK: dispatcher.process,
        Stage.RECEIPT: Tracker(store, context).process,
        Stage.TIMER: Timers(store, context).process,
        Stage.CALLBACK: _notifier(settings, store, context, sessions).process,
    }
    # The settings limit concurrent requests to providers; receipts and timers make no requests.
    widths = dict.fromkeys((Stage.DISPATCH, Stage.FALLBACK), settings.delivery.concurrency)
    return [
        StageWorker(store, clock, stage, process, width=widths.get(stage, _WIDTH), batch=_BATCH)
        for stage, process in processes.items()
    ]


def _notifier(settings: Settings, store: Store, context: DeliveryContext, sessions: HttpSessions) -> Notifier:
    session = sessions.open(limit=0)
    guarded = session if settings.callbacks.allow_private else sessions.open(0, public_socket)
    return Notifier(store, context, settings.callbacks, session, guarded)
