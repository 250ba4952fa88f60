"""What waits for a route that cannot be used goes by another one, or falls back.

A leg that no provider has moves to the lane of another route of its sender, if one may be used. If none may,
a transaction falls back after a while; all else waits, for its route or for the time of its fallback.
"""

import asyncio
from collections.abc import Mapping, Sequence

from waypost.clock import steady_seconds
from waypost.delivery.batch import by_message, decide_batch, load_each
from waypost.delivery.context import DecisionContext, DeliveryContext
from waypost.delivery.message_progress import MessageProgress
from waypost.delivery.routes import Route
from waypost.model.fallback.decision import Trigger
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.lanes import TRANSACTION, DispatchLane, message_class, parse_dispatch_lane
from waypost.model.message.leg import Leg, LegEvent, LegState
from waypost.model.message.message import Message
from waypost.model.message.work import decode_dispatch
from waypost.model.routes.choice import first_usable
from waypost.storage.backlogs import Place
from waypost.storage.contract import Store
from waypost.storage.records import MessageRecord, Stage, Work

# How often routes that cannot be used are looked at, in real seconds.
_INTERVAL_S = 0.5
# How many rows of a lane are looked at each time, unless some of them moved.
_BATCH = 100
# How many lanes are looked at each time.
_LANES = 20


class Rerouter:
    """Looks at what waits for routes that cannot be used.

    Args:
        routes: by name.
    """

    def __init__(self, store: Store, context: DeliveryContext, routes: Mapping[str, Route]) -> None:
        self._store = store
        self._context = context
        self._routes = routes
        # Since when each route cannot be used, milliseconds UTC; and up to where its lanes were looked at.
        self._since: dict[str, int] = {}
        self._places: dict[str, Place] = {}
        # The number of the look at each lane, which is the latest one's in `_looks`.
        self._looked: dict[str, int] = {}
        self._looks = 0

    async def run(self) -> None:
        """Looks at them until it is cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL_S)
            begun = steady_seconds()
            while await self.look():
                # At most half of the time, so that calls are hardly kept waiting.
                await asyncio.sleep(steady_seconds() - begun)
                begun = steady_seconds()

    async def look(self) -> int:
        """Looks at some rows of each lane whose route cannot be used; returns how many legs went elsewhere.

        Raises:
            StoreUnavailableError: the database is away; what was done before is done.
        """
        now = self._context.clock.now()
        unusable = [name for name in self._routes if not self._context.usable(name)]
        self._since = {name: self._since.get(name, now) for name in unusable}
        if not unusable:
            self._places.clear()
            return 0
        lanes = {lane: parse_dispatch_lane(lane) for lane, _ in await self._store.lanes(Stage.DISPATCH)}
        self._places = {lane: place for lane, place in self._places.items() if lane in lanes}
        self._looked = {lane: look for lane, look in self._looked.items() if lane in lanes}
        concerned = [
            lane for lane, parts in lanes.items() if parts.route in self._since and self._may_matter(parts)
        ]
        # With many accounts, those that were looked at longest ago.
        concerned.sort(key=lambda lane: self._looked.get(lane, 0))
        moved = 0
        for lane in concerned[:_LANES]:
            self._looks += 1
            self._looked[lane] = self._looks
            moved += await self._look_at(lane)
        return moved

    def _may_matter(self, lane: DispatchLane) -> bool:
        """Whether a leg of a lane may do anything but wait."""
        senders = self._context.configuration().senders_of(lane.account_id)
        return lane.message_class == TRANSACTION or any(len(sender.all_routes) > 1 for sender in senders)

    async def _look_at(self, lane: str) -> int:
        reader, after = self._store.backlogs, self._places.get(lane, Place())
        works = await asyncio.to_thread(reader.rows, Stage.DISPATCH, lane, after, _BATCH)
        self._places[lane] = _end_of(works) if len(works) == _BATCH else Place()
        records, _ = await load_each(self._store, {work.message_id for work in works})
        context = self._context.present()
        # Most have to wait: only those that do not are decided about, because that writes.
        ready = [
            work
            for work in works
            if (record := records.get(work.message_id)) is not None
            and self._destination(record.message, record.legs[decode_dispatch(work.body).leg], context)
            is not None
        ]
        if not ready:
            return 0
        results = await decide_batch(self._store, self._context, by_message(ready), self._move)
        return sum(result is True for result in results.values())

    def _move(
        self,
        progress: MessageProgress,
        works: Sequence[Work],
        context: DecisionContext,
        _: Mapping[MessageId, MessageRecord],
    ) -> bool:
        """Moves the legs of a message, or lets them fall back."""
        for work in works:
            leg = progress.leg(decode_dispatch(work.body).leg)
            route = self._destination(progress.message, leg, context)
            if route:
                progress.note(leg, "note", f"goes by {route}, because {leg.route} cannot be used now")
                # Where it was not tried it need not wait for what another provider had wanted.
                is_tried = any(attempt.route == route for attempt in progress.attempts(leg))
                due = work.visible_at if is_tried else min(work.visible_at, progress.now)
                progress.reroute(leg, route, work, due)
            elif route is not None:
                progress.note(leg, "note", "given up: none of its routes can be used")
                leg = progress.apply(leg, LegEvent.ABANDONED, failure=SendFailure.UNREACHABLE)
                progress.fall_back(leg, Trigger.SUBMISSION_FAILED)
                progress.finish(work)
        return True

    def _destination(self, message: Message, leg: Leg, context: DecisionContext) -> str | None:
        """The route that a leg goes by from now on; empty if it falls back instead, None if it waits."""
        sender = context.configuration.sender_by_id(leg.channel, leg.sender)
        if leg.state is not LegState.QUEUED or sender is None or context.usable(leg.route):
            return None
        allowed = sender.routes_for(message_class(message), leg.recipient)
        route = first_usable(allowed, context.usable)
        if context.usable(route):
            return route
        steps = message.fallback.steps if message.fallback is not None else ()
        if message_class(message) != TRANSACTION or leg.leg >= len(steps):
            return None
        since = max([leg.started_at, *(self._since.get(one, context.now) for one in allowed)])
        waited = context.now - since
        return "" if waited >= context.settings.no_route_wait * 1000 else None


def _end_of(works: Sequence[Work]) -> Place:
    return Place(works[-1].visible_at, works[-1].seq)
