"""The timer stage: what is due because something did not happen."""

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
    """Fires the timers that are due."""

    def __init__(self, store: Store, context: DeliveryContext) -> None:
        self._store = store
        self._context = context

    async def process(self, works: list[Work]) -> None:
        """Fires each in a transaction of its own."""
        await gather_all(self._store.transact(self._firing(work)) for work in works)

    def _firing(self, work: Work) -> "_Firing":
        return _Firing(self._context, work)


class _Firing:
    __slots__ = ("_context", "_work")

    def __init__(self, context: DeliveryContext, work: Work) -> None:
        self._context = context
        self._work = work

    def __call__(self, transaction: Transaction) -> None:
        message = transaction.message(self._work.message_id)
        transaction.finish(self._work)
        if message is None:
            return
        progress = MessageProgress(transaction, self._context, message)
        timer = decode_timer(self._work.body)
        leg = progress.leg(timer.leg)
        match timer.kind:
            case TimerKind.FALLBACK:
                self._fallback(progress, leg)
            case TimerKind.EXPIRY:
                self._expiry(progress, leg)

    def _fallback(self, progress: MessageProgress, leg: Leg) -> None:
        if progress.settled or progress.next_leg_exists(leg):
            return
        trigger = wait_trigger(progress.message, leg.leg)
        progress.note(leg, "timer", f"the time of leg {leg.leg} has passed: {trigger.value}")
        progress.fall_back(leg, trigger)
        if leg.state is LegState.QUEUED and progress.next_leg_exists(leg):
            progress.note(leg, "note", "given up: the fallback has taken over")
            progress.apply(leg, LegEvent.ABANDONED, failure=SendFailure.EXPIRED)

    def _expiry(self, progress: MessageProgress, leg: Leg) -> None:
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
