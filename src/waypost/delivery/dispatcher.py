"""The dispatch stage: writes attempts durably, submits them to their providers, and writes each outcome."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

import structlog
from msgspec.structs import replace

from waypost.clock import steady_seconds
from waypost.connectors.contract import Submission
from waypost.delivery.batch import (
    by_message,
    decide_batch,
    finish_orphans,
    postpone_failed,
)
from waypost.delivery.concurrency import gather_all
from waypost.delivery.context import DecisionContext, DeliveryContext
from waypost.delivery.dispatch_lanes import in_turns
from waypost.delivery.log_context import UNDER_WAY, AttemptUnderWay
from waypost.delivery.message_progress import MessageProgress
from waypost.delivery.outcome import end_attempt, follow_late_answer
from waypost.delivery.resting_routes import hold_back
from waypost.delivery.route_controls import RouteControl, RouteControls
from waypost.delivery.routes import Route
from waypost.delivery.sms_refusals import SmsRefusals
from waypost.delivery.submission import PlannedAttempt, context_of, end_unsent, plan
from waypost.delivery.tallies import DispatchTallies
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown
from waypost.model.people import has_spellings
from waypost.storage.changes import Refusal
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import MessageRecord, Work

log = structlog.get_logger()

# Any other refusal means that somebody else has brought the message on.
_ENDS_LEG = (Refusal.SUPPRESSED, Refusal.CAPPED, Refusal.WINDOW_CLOSED)


class Release(Protocol):
    """Frees the places of rows of one lane."""

    def __call__(self, *works: Work) -> None:
        """Frees them."""


# How long to wait before what a provider answered is written again, in real seconds: doubled each time.
_FIRST_WRITE_RETRY_S = 0.25
_LAST_WRITE_RETRY_S = 5.0


class Dispatcher:
    """Processes the rows of the dispatch stage.

    Args:
        routes: the routes by name.
        jitter: returns random numbers from 0 to 1 for the back-off.
        sms_refusals: counts what the limits on SMS refused.
        controls: says when requests of a route may start, and learns what came of them.

    Attributes:
        tallies: what is under way, and what came of it.
    """

    def __init__(
        self,
        store: Store,
        context: DeliveryContext,
        routes: Mapping[str, Route],
        jitter: Callable[[], float] = random.random,
        sms_refusals: SmsRefusals | None = None,
        controls: RouteControls | None = None,
    ) -> None:
        self._store = store
        self._context = context
        self._routes = routes
        self._jitter = jitter
        self._sms_refusals = sms_refusals or SmsRefusals()
        self._controls = controls
        self.tallies = DispatchTallies()

    async def process(self, works: Sequence[Work], release: Release) -> None:
        """Writes an attempt for each row, submits them concurrently, and writes each outcome as it arrives.

        Args:
            release: called for each row when its place among the requests under way is free.
        """
        planned: dict[int, tuple[PlannedAttempt, MessageProgress]] = {}
        sent = works
        if self._controls is not None:
            sent = await hold_back(self._store, self._context, self._controls, works)
        sent = in_turns(sent)
        try:
            await self._plan(sent, planned)
        except Exception:
            # An attempt that is written and not submitted would be in doubt.
            await self._submit_planned(sent, planned, release)
            raise
        await self._submit_planned(sent, planned, release)
        for work in works if len(planned) < len(works) else ():
            if work.seq not in planned:
                release(work)

    async def _submit_planned(
        self,
        works: Sequence[Work],
        planned: Mapping[int, tuple[PlannedAttempt, MessageProgress]],
        release: Release,
    ) -> None:
        await gather_all(
            self.submit(work, *planned[work.seq], release) for work in works if work.seq in planned
        )

    async def _plan(
        self, works: Sequence[Work], planned: dict[int, tuple[PlannedAttempt, MessageProgress]]
    ) -> None:
        """Writes an attempt for each row whose leg is to be sent, and adds them to `planned` by the row."""
        groups = by_message(works)
        results = await decide_batch(
            self._store, self._context, groups, self._plan_message, refers_to=context_of
        )
        unsent: dict[Refusal, dict[MessageId, list[Work]]] = {}
        orphans: list[Work] = []
        failed: list[Work] = []
        for message_id, of_message in groups.items():
            result = results.get(message_id)
            if isinstance(result, dict):
                planned |= result
            elif result is None:
                orphans += of_message
            elif isinstance(result, Exception):
                failed += of_message
            elif result in _ENDS_LEG:
                unsent.setdefault(result, {})[message_id] = of_message
        for refusal, refused in unsent.items():
            await decide_batch(self._store, self._context, refused, partial(self._end_unsent, refusal))
        if orphans:
            await finish_orphans(self._store, orphans)
        await self._plan_failed(failed, groups, planned)

    def _end_unsent(
        self,
        refusal: Refusal,
        progress: MessageProgress,
        works: Sequence[Work],
        context: DecisionContext,
        _: Mapping[MessageId, MessageRecord],
    ) -> None:
        for work in works:
            failure = end_unsent(progress, work, refusal, context.sms)
            if refusal is Refusal.CAPPED:
                self._sms_refusals.note(progress.message.account_id, failure.value, context.now)

    async def _plan_failed(
        self,
        failed: Sequence[Work],
        groups: Mapping[MessageId, Sequence[Work]],
        planned: dict[int, tuple[PlannedAttempt, MessageProgress]],
    ) -> None:
        """Plans rows of a message whose decision failed each by itself, because one of them is at fault."""
        alone = [work for work in failed if len(groups[work.message_id]) == 1]
        if alone:
            await postpone_failed(self._store, alone, self._context.clock.now())
        for work in failed:
            if len(groups[work.message_id]) > 1:
                await self._plan([work], planned)

    def _plan_message(
        self,
        progress: MessageProgress,
        works: Sequence[Work],
        context: DecisionContext,
        records: Mapping[MessageId, MessageRecord],
    ) -> dict[int, tuple[PlannedAttempt, MessageProgress]]:
        planned = {}
        for work in works:
            attempt = plan(progress, work, context, self._routes, records, self._jitter())
            if attempt is not None:
                planned[work.seq] = attempt, progress
        return planned

    async def submit(
        self, work: Work, planned: PlannedAttempt, progress: MessageProgress, release: Release
    ) -> None:
        """Submits an attempt that is durable, writes its outcome, and releases its place.

        Args:
            progress: the message as it was written with the attempt.
        """
        # Each attempt has a task of its own, which ends with it.
        UNDER_WAY.set(AttemptUnderWay(progress.message, planned.attempt.route))
        in_flight, lane = self.tallies.in_flight, work.lane
        in_flight[lane] += 1
        control = self._controls.of(planned.route.name) if self._controls is not None else None
        pace = control.pace if control is not None else None
        try:
            if pace is not None:
                await pace.start(is_promotion=progress.message.promotional)
            try:
                outcome = await self._send(work, planned, control)
                self.tallies.ended(lane, outcome)
                await self._end(work, planned.attempt, progress, outcome)
            finally:
                if pace is not None:
                    pace.end(is_promotion=progress.message.promotional)
        finally:
            in_flight[lane] -= 1
            release(work)

    async def _send(self, work: Work, planned: PlannedAttempt, control: RouteControl | None) -> Outcome:
        route = planned.route
        if work.deadline - steady_seconds() < route.longest_request:
            # The process was held up: by the end of this request another one may hold the work.
            return Refused(SendFailure.UNREACHABLE, "", "not sent: the claim on it was about to end")
        ticket = control.breaker.ticket() if control is not None else 0
        try:
            submission = planned.submission
            if has_spellings(planned.channel, submission.recipient):
                submission = await self._respelled(planned.channel, submission)
            outcome = await route.connector.send(submission)
        except Exception as error:
            log.exception("connector.failed", route=route.name)
            outcome = Unknown(f"{type(error).__name__} in the connector")
        if control is not None:
            control.breaker.note(ticket, outcome)
        return outcome

    async def _respelled(self, channel: str, submission: Submission) -> Submission:
        """A submission with the recipient as the provider spells them."""
        try:
            spelling = await self._store.conversations.spelling(channel, submission.recipient)
        except StoreUnavailableError:
            return submission
        return submission if spelling is None else replace(submission, recipient=spelling)

    async def _end(self, work: Work, attempt: Attempt, progress: MessageProgress, outcome: Outcome) -> None:
        """Writes an outcome, however long the database is away: what is known is never in doubt.

        Its place is held until then, so that no more outcomes wait than the route is wide.
        """
        delay = _FIRST_WRITE_RETRY_S
        written = outcome
        while True:
            try:
                await self._write_outcome(work, attempt, progress, written)
                break
            except StoreUnavailableError as error:
                if delay == _FIRST_WRITE_RETRY_S:
                    log.warning("outcome.not_written", message_id=work.message_id, error=str(error))
                await asyncio.sleep(delay)
                delay = min(2 * delay, _LAST_WRITE_RETRY_S)
            except Exception:
                log.exception("outcome.failed", message_id=work.message_id, route=attempt.route)
                if written == _bare(outcome):
                    return
                # It may be what the provider says that cannot be written; what it did can.
                written = _bare(outcome)

    async def _write_outcome(
        self, work: Work, attempt: Attempt, progress: MessageProgress, outcome: Outcome
    ) -> None:
        present = self._context.present()
        # The message as this process wrote it: usually nothing has happened to it since.
        progress = progress.at(present)
        end_attempt(progress, attempt, work, outcome, present, self._routes, self._jitter())
        [refusal] = await self._store.apply([progress.take_change()])
        if refusal is None:
            self._context.recent.note(progress.record())
            return
        results = await decide_batch(
            self._store,
            self._context,
            {work.message_id: attempt},
            lambda fresh, _, context, __: end_attempt(
                fresh, _current(fresh, attempt), work, outcome, context, self._routes, self._jitter()
            ),
        )
        if results.get(work.message_id) is Refusal.LEASE_LOST:
            log.warning("lease.lost", message_id=work.message_id, route=attempt.route)
            results = await decide_batch(
                self._store,
                self._context,
                {work.message_id: attempt},
                lambda fresh, _, __, ___: follow_late_answer(fresh, _current(fresh, attempt), outcome),
            )
        result = results.get(work.message_id)
        if isinstance(result, Exception):
            raise result
        if result is Refusal.CHANGED:
            raise StoreUnavailableError("the message changes all the time")


def _bare(outcome: Outcome) -> Outcome:
    """What a provider did, without any of its words."""
    match outcome:
        case Accepted(delivered=delivered):
            return Accepted(None, delivered)
        case Refused(failure=failure):
            return Refused(failure, "", "")
        case Unknown():
            return Unknown("")


def _current(progress: MessageProgress, attempt: Attempt) -> Attempt:
    """An attempt as it is recorded now: a receipt may have brought its provider's id."""
    return progress.attempts(progress.leg(attempt.leg))[attempt.attempt - 1]
