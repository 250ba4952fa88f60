"""The timer stage: starts a fallback step, or ends a leg, when the time for a receipt is over."""

from functools import partial

from waypost.delivery.concurrency import gather_all
from waypost.delivery.context import DeliveryContext
from waypost.delivery.message_progress import MessageProgress
from waypost.model.fallback.decision import Trigger, wait_trigger
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Leg, LegEvent, LegState
from waypost.model.message.work import TimerKind, decode_timer
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Work


class Timers:
    """Processes the rows of the timer stage."""

    def __init__(self, store: Store, context: DeliveryContext) -> None:
        self._store = store
        self._context = context

    async def process(self, works: list[Work]) -> None:
        """Fires each timer in its own transaction."""
        await gather_all(self._store.transact(partial(self._fire, work)) for work in works)

    def _fire(self, work: Work, transaction: Transaction) -> None:
        message = transaction.message(work.message_id)
        transaction.finish(work)
        if message is None:
            return
        progress = MessageProgress(transaction, self._context, message)
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
