"""Carries out cancellations that are recorded, and publishes what follows for each message."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from waypost.clock import steady_seconds
from waypost.delivery.batch import by_message, decide_batch, finish_orphans, postpone_failed
from waypost.delivery.context import DecisionContext, DeliveryContext
from waypost.delivery.message_progress import MessageProgress
from waypost.messaging.cancellation import account_lanes, carry_out
from waypost.model.identifiers import MessageId
from waypost.model.message.cancellation import Cancellation
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Leg, LegEvent, LegState
from waypost.model.message.work import decode_dispatch
from waypost.storage.backlogs import Place
from waypost.storage.changes import DropTimers
from waypost.storage.contract import Store
from waypost.storage.records import MessageRecord, Work

log = structlog.get_logger()

# How often cancellations of other processes are looked for, in real seconds.
_INTERVAL_S = 0.5
_BATCH = 100


class Canceller:
    """Carries out the cancellations that are recorded in the store, whoever recorded them."""

    def __init__(self, store: Store, context: DeliveryContext) -> None:
        self._store = store
        self._context = context

    async def run(self) -> None:
        """Carries out what is recorded and not done, and then what is recorded from now on."""
        while True:
            for cancellation in await self._store.cancellations.open():
                await self.carry_out(cancellation)
            await asyncio.sleep(_INTERVAL_S)

    async def carry_out(self, cancellation: Cancellation) -> None:
        """Ends the legs that are with no provider, and publishes that.

        Raises:
            StoreUnavailableError: the database is away; what was done before is done.
        """
        now = self._context.clock.now
        if cancellation.ended_at is None:
            extent = await carry_out(self._store, cancellation, now)
            log.warning(
                "messages.cancelled",
                cancellation=cancellation.id,
                account=cancellation.filter.account_id,
                who=cancellation.who,
                cancelled=extent.waiting,
                with_provider=extent.with_provider,
            )
        for lane in await account_lanes(self._store, cancellation.filter):
            await self._publish(lane)
        await self._store.transact(
            lambda transaction: transaction.cancellations.finish(cancellation.id, now())
        )

    async def _publish(self, lane: str) -> None:
        """Publishes the cancelled legs of a lane."""
        after = Place()
        while True:
            works = await asyncio.to_thread(self._store.cancellations.to_publish, lane, after, _BATCH)
            if not works:
                return
            begun = steady_seconds()
            after = Place(works[-1].visible_at, works[-1].seq)
            groups = by_message(works)
            results = await decide_batch(self._store, self._context, groups, publish_cancelled)
            if orphans := [work for work in works if work.message_id not in results]:
                await finish_orphans(self._store, orphans)
            if failed := [work for work in works if isinstance(results.get(work.message_id), Exception)]:
                # From then on a worker of the stage tries them.
                await postpone_failed(self._store, failed, self._context.clock.now())
            # At most half of the time, so that calls are hardly kept waiting.
            await asyncio.sleep(steady_seconds() - begun)


def is_cancelled(leg: Leg) -> bool:
    """Whether a leg was cancelled before a provider had it, and nothing has happened to it since."""
    return leg.state is LegState.FAILED and leg.failure is SendFailure.CANCELLED


def publish_cancelled(
    progress: MessageProgress,
    works: Sequence[Work],
    _: DecisionContext,
    __: Mapping[MessageId, MessageRecord],
) -> None:
    """Publishes that legs of a message were cancelled, and finishes their rows, which are the sign that this
    has not been done."""
    for work in works:
        leg = progress.leg(decode_dispatch(work.body).leg)
        if is_cancelled(leg):
            end_cancelled(progress, leg)
        progress.finish(work)


def end_cancelled(progress: MessageProgress, leg: Leg) -> None:
    """Publishes that a leg was cancelled, and drops the timers of its message if no other leg needs them."""
    progress.publish_end(leg)
    progress.note(leg, "end", "cancelled before a provider had it: failed")
    if all(one.state.ended for one in progress.legs):
        progress.add(DropTimers(leg.message_id))


def end_as_cancelled(progress: MessageProgress, leg: Leg) -> None:
    """Ends a leg that no provider has, of a message that was marked as cancelled."""
    facts = SendFailure.CANCELLED.facts
    progress.note(leg, "note", "not sent: the message was cancelled")
    progress.apply(
        leg,
        LegEvent.REFUSED,
        failure=SendFailure.CANCELLED,
        code=facts.wire_code,
        text=facts.customer_text,
    )
