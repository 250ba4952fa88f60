"""The timer stage: what is due because something did not happen."""

from waypost.delivery.concurrency import together
from waypost.delivery.message_transaction import Course, Surroundings
from waypost.model.fallback.decision import Trigger, wait_trigger
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegEvent, LegState
from waypost.model.message.work import TimerKind, decode_timer
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Leg, Work


class Timers:
    """Fires the timers that are due."""

    def __init__(self, store: Store, around: Surroundings) -> None:
        self._store = store
        self._around = around

    async def work_on(self, works: list[Work]) -> None:
        """Fires each in a transaction of its own."""
        await together(self._store.transact(self._firing(work)) for work in works)

    def _firing(self, work: Work) -> "_Firing":
        return _Firing(self._around, work)


class _Firing:
    __slots__ = ("_around", "_work")

    def __init__(self, around: Surroundings, work: Work) -> None:
        self._around = around
        self._work = work

    def __call__(self, transaction: Transaction) -> None:
        message = transaction.message(self._work.message_id)
        transaction.finish(self._work)
        if message is None:
            return
        course = Course(transaction, self._around, message)
        timer = decode_timer(self._work.body)
        leg = course.leg(timer.leg)
        match timer.kind:
            case TimerKind.FALLBACK:
                self._fallback(course, leg)
            case TimerKind.EXPIRY:
                self._expiry(course, leg)

    def _fallback(self, course: Course, leg: Leg) -> None:
        if course.settled or course.next_leg_exists(leg):
            return
        trigger = wait_trigger(course.message, leg.leg)
        course.note(leg, "timer", f"the time of leg {leg.leg} has passed: {trigger.value}")
        course.fall_back(leg, trigger)
        if leg.state is LegState.QUEUED and course.next_leg_exists(leg):
            course.note(leg, "note", "given up: the fallback has taken over")
            course.happen(leg, LegEvent.GIVEN_UP, failure=SendFailure.EXPIRED)

    def _expiry(self, course: Course, leg: Leg) -> None:
        if leg.state.ended:
            return
        if leg.state is LegState.QUEUED:
            course.note(leg, "timer", "its time to live passed before a provider took it")
            course.happen(leg, LegEvent.GIVEN_UP, failure=SendFailure.EXPIRED)
            course.fall_back(leg, Trigger.SUBMISSION_FAILED)
            return
        course.note(leg, "timer", "its time to live passed and no receipt came")
        course.happen(leg, LegEvent.SILENCE, failure=SendFailure.NO_RECEIPT)
        course.fall_back(leg, Trigger.SILENCE)
