"""The timer stage: starts a fallback step, or ends a leg, when the time for a receipt is over."""

from collections.abc import Mapping, Sequence

from waypost.delivery.batch import by_message, decide_batch, finish_orphans, postpone_failed
from waypost.delivery.context import DecisionContext, DeliveryContext
from waypost.delivery.dispatcher import Release
from waypost.delivery.message_progress import MessageProgress
from waypost.model.fallback.decision import Trigger, wait_trigger
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Leg, LegEvent, LegState
from waypost.model.message.work import TimerKind, decode_timer
from waypost.storage.contract import Store
from waypost.storage.records import MessageRecord, Work


class Timers:
    """Processes the rows of the timer stage."""

    def __init__(self, store: Store, context: DeliveryContext) -> None:
        self._store = store
        self._context = context

    async def process(self, works: Sequence[Work], release: Release) -> None:
        """Fires timers, those of a message in order."""
        groups = by_message(works)
        results = await decide_batch(self._store, self._context, groups, fire)
        orphans = [work for work in works if work.message_id not in results]
        failed = [work for work in works if isinstance(results.get(work.message_id), Exception)]
        if orphans:
            await finish_orphans(self._store, orphans)
        if failed:
            await postpone_failed(self._store, failed, self._context.clock.now())
        for work in works:
            release(work)


def fire(
    progress: MessageProgress,
    works: Sequence[Work],
    _: DecisionContext,
    __: Mapping[MessageId, MessageRecord],
) -> None:
    """Decides what the timers of a message come to that are due."""
    for work in works:
        progress.finish(work)
        timer = decode_timer(work.body)
        leg = progress.leg(timer.leg)
        match timer.kind:
            case TimerKind.FALLBACK:
                _start_fallback(progress, leg)
            case TimerKind.EXPIRY:
                _expire(progress, leg)


def _start_fallback(progress: MessageProgress, leg: Leg) -> None:
    if progress.settled or progress.next_leg_exists(leg):
        return
    trigger = wait_trigger(progress.message, leg.leg)
    progress.note(leg, "timer", f"the time of leg {leg.leg} has passed: {trigger.value}")
    progress.fall_back(leg, trigger)
    if leg.state is LegState.QUEUED and progress.next_leg_exists(leg):
        progress.note(leg, "note", "given up: the fallback has taken over")
        progress.apply(leg, LegEvent.ABANDONED, failure=SendFailure.EXPIRED)


def _expire(progress: MessageProgress, leg: Leg) -> None:
    if leg.state.ended:
        return
    if leg.state is LegState.QUEUED:
        progress.note(leg, "timer", "its time to live passed before a provider took it")
        leg = progress.apply(leg, LegEvent.ABANDONED, failure=SendFailure.EXPIRED)
        progress.fall_back(leg, Trigger.SUBMISSION_FAILED)
        return
    progress.note(leg, "timer", "its time to live passed and no receipt came")
    leg = progress.apply(leg, LegEvent.SILENCE, failure=SendFailure.NO_RECEIPT)
    progress.fall_back(leg, Trigger.SILENCE)
