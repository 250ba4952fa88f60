"""Hands what was just accepted on to its provider from memory: its row is written with its claim.

A place of the route's width is reserved before the transaction. With none free, or with a row that is due
waiting for the route in its class or before it, the row is written for anybody to claim.
"""

import asyncio
from collections.abc import Mapping

import structlog

from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatch_lanes import DispatchLanes
from waypost.delivery.dispatcher import Dispatcher
from waypost.delivery.message_progress import MessageProgress
from waypost.delivery.routes import Route
from waypost.delivery.submission import PlannedAttempt, context_of, start_attempt
from waypost.messaging.acceptance import (
    DISPATCH_LEG_0,
    Acceptance,
    acceptance,
    first_leg,
    opt_out_guard,
    timers,
    unclaimed,
)
from waypost.model.configuration import Configuration
from waypost.model.message.lanes import dispatch_lane
from waypost.model.message.leg import Leg
from waypost.model.message.message import Message
from waypost.storage.changes import AddMessage, Enqueue
from waypost.storage.contract import Store
from waypost.storage.records import Lease, MessageRecord, Stage, Work

log = structlog.get_logger()


class HandOn:
    """Accepts messages, and hands on those that find a place.

    Args:
        lanes: the lanes of the dispatch stage.
        lease: how long a claim holds, in real seconds.
    """

    def __init__(
        self,
        store: Store,
        context: DeliveryContext,
        routes: Mapping[str, Route],
        dispatcher: Dispatcher,
        lanes: DispatchLanes,
        lease: float,
    ) -> None:
        self._store = store
        self._context = context
        self._routes = routes
        self._dispatcher = dispatcher
        self._lanes = lanes
        self._lease = lease
        self._receipt_grace = int(context.settings.receipt_grace * 1000)
        self._under_way: set[asyncio.Task[None]] = set()

    def use_lease(self, seconds: float) -> None:
        """Sets how long the next claims hold, in real seconds."""
        self._lease = seconds

    def accept(self, message: Message, configuration: Configuration) -> Acceptance:
        """Accepts a message; if it finds a place, its first attempt is written with it and sent once that is
        durable."""
        leg = first_leg(message, configuration, self._context.takes_new)
        route, lane = self._routes.get(leg.route), dispatch_lane(leg.route, message)
        if (
            route is None
            or message.fault
            or context_of(message) is not None
            or not self._lanes.reserve(lane, message.accepted_at)
        ):
            return self._accept_waiting(message, leg, lane)
        try:
            return self._accept_claimed(message, leg, route, lane)
        except Exception:
            log.exception("stage.failed", stage=Stage.DISPATCH.value, message_id=message.message_id)
            self._lanes.give_up(lane)
            # The decision may have changed the leg before it failed.
            return acceptance(message, configuration, self._receipt_grace, self._context.takes_new)

    def _accept_waiting(self, message: Message, leg: Leg, lane: str) -> Acceptance:
        def settled(written: bool) -> None:
            if written:
                self._context.recent.note_waiting(MessageRecord(message, [leg], []))

        return unclaimed(message, leg, lane, self._receipt_grace, settled)

    def _accept_claimed(self, message: Message, leg: Leg, route: Route, lane: str) -> Acceptance:
        progress = MessageProgress(MessageRecord(message, [leg], []), self._context.present())
        planned = start_attempt(progress, leg, route, {})
        lease = self._store.lease(self._lease)
        work = _work(message, lane, lease)
        commands = [
            *opt_out_guard(message),
            AddMessage(message),
            *progress.take_change().commands,
            *timers(message, self._receipt_grace),
            Enqueue(Stage.DISPATCH, lane, work.message_id, work.body, work.visible_at, lease),
        ]

        def settled(written: bool) -> None:
            if written:
                self._submit(work, planned, progress)
            else:
                self._lanes.give_up(lane)

        return Acceptance(commands, settled)

    def _submit(self, work: Work, planned: PlannedAttempt, progress: MessageProgress) -> None:
        task = asyncio.get_running_loop().create_task(self._submit_and_log(work, planned, progress))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _submit_and_log(self, work: Work, planned: PlannedAttempt, progress: MessageProgress) -> None:
        try:
            await self._dispatcher.submit(work, planned, progress, self._release)
        except Exception:
            log.exception("stage.failed", stage=Stage.DISPATCH.value, message_id=work.message_id)

    def _release(self, *works: Work) -> None:
        for work in works:
            self._lanes.release(work.lane, [work.seq])

    async def stop(self) -> None:
        """Returns when nothing that was handed on is under way any more."""
        while self._under_way:
            await asyncio.wait(self._under_way)


def _work(message: Message, lane: str, lease: Lease) -> Work:
    return Work(
        lease.seq,
        Stage.DISPATCH,
        lane,
        message.message_id,
        message.accepted_at,
        DISPATCH_LEG_0,
        0,
        lease.fence,
        lease.deadline,
    )
