"""The dispatch stage: writes an attempt durably, submits it to the provider, and writes its outcome."""

import random
from collections.abc import Callable, Mapping

import msgspec
import structlog

from waypost.connectors.contract import Connector, Submission
from waypost.delivery.concurrency import gather_all
from waypost.delivery.context import DeliveryContext
from waypost.delivery.message_progress import MessageProgress
from waypost.model.channels import channel_named
from waypost.model.content.rules import Value
from waypost.model.content.segments import segment
from waypost.model.fallback.decision import Trigger
from waypost.model.identifiers import MessageId, attempt_number, attempt_reference
from waypost.model.message.extras import Extras
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegEvent, LegState
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown
from waypost.model.message.retry import RetryDecision, after_refusal, in_doubt
from waypost.model.message.work import DispatchWork, decode_dispatch, encode
from waypost.storage.contract import Store, StoreUnavailableError, Transaction
from waypost.storage.records import Work, dispatch_stage

log = structlog.get_logger()

# Viber's minimum, in seconds; the other channels' are not above it.
_MIN_TTL_S = 30
_MESSAGE_ID_DIGITS = 25
_NO_EXTRAS = Extras()
# The retry delay of a row that failed by a bug of ours, in milliseconds.
_ERROR_RETRY_MS = 60_000


class Route:
    """A connector with the name that senders refer to.

    Args:
        receipt_url: the URL that the provider sends receipts to.
    """

    def __init__(self, name: str, connector: Connector, receipt_url: str) -> None:
        self.name = name
        self.connector = connector
        self.receipt_url = receipt_url


class _PlannedAttempt:
    """An attempt that is written and not yet submitted."""

    __slots__ = ("attempt", "route", "submission")

    def __init__(self, attempt: Attempt, route: Route, submission: Submission) -> None:
        self.attempt = attempt
        self.route = route
        self.submission = submission


class Dispatcher:
    """Processes the rows of the dispatch stage.

    Args:
        routes: the routes by name.
        jitter: returns random numbers from 0 to 1 for the back-off.
    """

    def __init__(
        self,
        store: Store,
        context: DeliveryContext,
        routes: Mapping[str, Route],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._context = context
        self._routes = routes
        self._jitter = jitter

    async def process(self, works: list[Work]) -> None:
        """Writes an attempt for each row, submits them concurrently, writes each outcome as it arrives."""
        planned = await self._plan_all(works)
        await gather_all(
            self._submit(work, plan) for work, plan in zip(works, planned, strict=True) if plan is not None
        )

    async def _plan_all(self, works: list[Work]) -> list[_PlannedAttempt | None]:
        """Plans all rows in one transaction, or, if one of them fails by a bug of ours, each in its own."""
        try:
            return await self._store.transact(lambda tx: [self._plan(tx, work) for work in works])
        except StoreUnavailableError:
            raise
        except Exception:  # noqa: BLE001 - each row is planned again, and the one that fails is logged
            return [await self._plan_separately(work) for work in works]

    async def _plan_separately(self, work: Work) -> _PlannedAttempt | None:
        try:
            return await self._store.transact(lambda tx: self._plan(tx, work))
        except StoreUnavailableError:
            raise
        except Exception:
            # One faulty row must not block the others.
            log.exception("dispatch.failed", message_id=work.message_id)
            until = self._context.clock.now() + _ERROR_RETRY_MS
            await self._store.transact(lambda tx: tx.postpone(work, until))
            return None

    def _plan(self, transaction: Transaction, work: Work) -> _PlannedAttempt | None:
        """Starts an attempt; a row whose leg is not to be sent any more is finished, and None returned."""
        message = transaction.message(work.message_id)
        assert message is not None
        progress = MessageProgress(transaction, self._context, message)
        leg = progress.leg(decode_dispatch(work.body).leg)
        if leg.state not in (LegState.QUEUED, LegState.IN_DOUBT):
            self._end_interrupted(progress, leg, work)
            return None
        if leg.leg == 0 and message.fault:
            progress.note(leg, "note", f"not sent: {message.fault}")
            leg = progress.apply(
                leg, LegEvent.REFUSED, failure=SendFailure.TEMPLATE_FAULT, text=message.fault
            )
            progress.fall_back(leg, Trigger.TEMPLATE_FAULT)
            transaction.finish(work)
            return None
        if self._abandon_if_obsolete(progress, leg):
            transaction.finish(work)
            return None
        if self._is_suppressed(progress, leg):
            self._refuse(progress, leg, Refused(SendFailure.OPTED_OUT, "", "the person wants no promotions"))
            transaction.finish(work)
            return None
        if self._context.configuration().suspended(message.account_id, leg.channel, leg.sender, progress.now):
            self._refuse(progress, leg, Refused(SendFailure.NOT_CONFIGURED, "", "the sender is suspended"))
            transaction.finish(work)
            return None
        route = self._routes.get(leg.route)
        if route is None:
            self._refuse(progress, leg, Refused(SendFailure.NOT_CONFIGURED, "", "the sender has no route"))
            transaction.finish(work)
            return None
        return self._start_attempt(progress, leg, route)

    def _end_interrupted(self, progress: MessageProgress, leg: Leg, work: Work) -> None:
        """Ends an attempt whose outcome was not written because the process was killed.

        A receipt or a timer may have been processed before; the attempt is still recorded as unanswered.
        """
        attempts = progress.transaction.attempts(leg.message_id, leg.leg)
        if attempts and attempts[-1].outcome is AttemptOutcome.UNDER_WAY:
            self._write_outcome(
                progress, leg, work, attempts[-1], Unknown("Waypost was stopped while the request was out")
            )
        else:
            progress.transaction.finish(work)

    def _abandon_if_obsolete(self, progress: MessageProgress, leg: Leg) -> bool:
        """Ends a leg that no provider accepted and that should not be sent any more; whether it did."""
        if progress.settled:
            progress.note(leg, "note", "not sent: the message is known to be delivered")
            progress.apply(leg, LegEvent.ABANDONED, publish=False)
            return True
        if progress.next_leg_exists(leg):
            progress.note(leg, "note", "given up: the fallback has taken over")
            progress.apply(leg, LegEvent.ABANDONED, failure=SendFailure.EXPIRED)
            return True
        if leg.state is LegState.QUEUED and progress.now >= progress.expires_at(leg):
            progress.note(leg, "note", "given up: its time to live passed before a provider took it")
            leg = progress.apply(leg, LegEvent.ABANDONED, failure=SendFailure.EXPIRED)
            progress.fall_back(leg, Trigger.SUBMISSION_FAILED)
            return True
        return False

    def _is_suppressed(self, progress: MessageProgress, leg: Leg) -> bool:
        """Whether the leg is a promotion to a recipient on the suppression list. The check of the call is not
        enough: the list may have changed since, and a fallback has another sender."""
        message = progress.message
        return message.promotional and progress.transaction.suppressions.holds(
            message.account_id, leg.channel, leg.sender, leg.recipient
        )

    def _start_attempt(self, progress: MessageProgress, leg: Leg, route: Route) -> _PlannedAttempt:
        message = progress.message
        leg.attempts += 1
        attempt = Attempt(
            message_id=leg.message_id,
            leg=leg.leg,
            attempt=leg.attempts,
            number=attempt_number(leg.message_id, leg.leg, leg.attempts),
            route=leg.route,
            sender=leg.sender,
            recipient=leg.recipient,
            started_at=progress.now,
        )
        progress.transaction.put_attempt(attempt)
        leg = progress.apply(leg, LegEvent.ATTEMPT_STARTED)
        own_channel = leg.leg == 0
        content: dict[str, Value] = message.content if own_channel else {"text": progress.step(leg).text}
        progress.note(leg, "attempt", f"attempt {leg.attempts}, by {leg.route}{_segment_note(leg, content)}")
        remaining_s = -((progress.now - progress.expires_at(leg)) // 1000)
        submission = Submission(
            reference=attempt_reference(leg.message_id, leg.leg, leg.attempts),
            number=attempt.number,
            sender=leg.sender,
            recipient=leg.recipient,
            message_type=message.message_type if own_channel else "text",
            content=content,
            label=message.label if own_channel else progress.step(leg).label or message.label,
            ttl=max(_MIN_TTL_S, remaining_s),
            tag=message.tag if own_channel else "",
            tracking_data=message.tracking_data if own_channel else "",
            templated=own_channel and bool(message.template_code),
            template=message.template if own_channel else None,
            extras=_with_provider_id(progress) if own_channel else _NO_EXTRAS,
            receipt_url=route.receipt_url,
        )
        return _PlannedAttempt(attempt, route, submission)

    async def _submit(self, work: Work, plan: _PlannedAttempt) -> None:
        outcome = await plan.route.connector.send(plan.submission)

        def write(transaction: Transaction) -> None:
            message = transaction.message(work.message_id)
            if message is None:
                return
            progress = MessageProgress(transaction, self._context, message)
            self._write_outcome(progress, progress.leg(plan.attempt.leg), work, plan.attempt, outcome)

        await self._store.transact(write)

    def _write_outcome(
        self, progress: MessageProgress, leg: Leg, work: Work, attempt: Attempt, outcome: Outcome
    ) -> None:
        """Writes the outcome of an attempt, and its consequences."""
        attempt = progress.transaction.attempts(leg.message_id, leg.leg)[attempt.attempt - 1]
        attempt.ended_at = progress.now
        match outcome:
            case Accepted(provider_id, delivered):
                attempt.outcome = AttemptOutcome.ACCEPTED
                attempt.provider_id = provider_id or attempt.provider_id
                progress.transaction.put_attempt(attempt)
                suffix = f" as {provider_id}" if provider_id else ""
                progress.note(leg, "accepted", f"the provider accepted attempt {attempt.attempt}{suffix}")
                leg = progress.apply(leg, LegEvent.ACCEPTED)
                if delivered and not leg.state.delivered:
                    progress.note(
                        leg, "note", "accepted counts as delivered: this provider sends no receipts"
                    )
                    progress.apply(leg, LegEvent.RECEIPT_DELIVERED)
                progress.transaction.finish(work)
            case Refused():
                attempt.outcome = AttemptOutcome.REFUSED
                attempt.code, attempt.text = outcome.code, outcome.text
                progress.transaction.put_attempt(attempt)
                self._handle_refusal(progress, leg, work, outcome)
            case Unknown(text):
                attempt.outcome = AttemptOutcome.UNKNOWN
                attempt.text = text
                progress.transaction.put_attempt(attempt)
                self._handle_no_answer(progress, leg, work, text)

    def _handle_refusal(self, progress: MessageProgress, leg: Leg, work: Work, refused: Refused) -> None:
        decision = after_refusal(
            refused,
            leg.attempts,
            progress.now,
            self._deadline(progress, leg),
            self._context.settings.retry_schedule,
            self._jitter(),
        )
        reason = f"{refused.code} {refused.text}".strip()
        if decision.at is None:
            progress.note(leg, "refused", f"refused: {reason}; not tried again: {decision.why}")
            self._refuse(progress, leg, refused)
            progress.transaction.finish(work)
        else:
            wait = (decision.at - progress.now) / 1000
            progress.note(leg, "refused", f"refused: {reason}; tried again in {wait:.1f} s: {decision.why}")
            progress.apply(leg, LegEvent.REFUSED_FOR_NOW)
            progress.transaction.postpone(work, decision.at)
        if refused.failure.facts.needs_operator:
            log.warning("provider.refused", route=leg.route, failure=refused.failure.value, code=refused.code)

    def _refuse(self, progress: MessageProgress, leg: Leg, refused: Refused) -> None:
        leg = progress.apply(
            leg,
            LegEvent.REFUSED,
            failure=refused.failure,
            code=refused.code,
            text=refused.text,
        )
        progress.fall_back(leg, Trigger.SUBMISSION_FAILED)

    def _handle_no_answer(self, progress: MessageProgress, leg: Leg, work: Work, text: str) -> None:
        attempts = progress.transaction.attempts(leg.message_id, leg.leg)
        decision = self._decide_in_doubt(progress, leg, attempts)
        if leg.state is not LegState.SUBMITTING:
            decision = RetryDecision(None, "a receipt or a timer came first")
        consequence = f"sent again if no receipt comes: {decision.why}" if decision.at else decision.why
        progress.note(leg, "unknown", f"no answer to attempt {leg.attempts}: {text}; {consequence}")
        progress.apply(leg, LegEvent.NO_ANSWER)
        progress.transaction.finish(work)
        if decision.at is not None:
            progress.transaction.enqueue(
                dispatch_stage(leg.leg), leg.message_id, encode(DispatchWork(leg.leg)), decision.at
            )

    def _decide_in_doubt(self, progress: MessageProgress, leg: Leg, attempts: list[Attempt]) -> RetryDecision:
        route = self._routes.get(leg.route)
        return in_doubt(
            removes_duplicates=route is not None and route.connector.removes_duplicates,
            label=progress.message.label,
            channel=leg.channel,
            unanswered=sum(1 for attempt in attempts if attempt.outcome is AttemptOutcome.UNKNOWN),
            now=progress.now,
            until=self._deadline(progress, leg),
            wait=int(self._context.settings.in_doubt_wait * 1000),
        )

    def _deadline(self, progress: MessageProgress, leg: Leg) -> int:
        """The time after which the leg is not tried any more, in milliseconds UTC."""
        due = progress.next_step_due(leg)
        return progress.expires_at(leg) if due is None else min(due, progress.expires_at(leg))


def _segment_note(leg: Leg, content: Mapping[str, Value]) -> str:
    """The number of segments of an SMS, for the timeline; empty for other channels."""
    if not channel_named(leg.channel).segmented:
        return ""
    segmented = segment(str(content["text"]))
    return f", {len(segmented.parts)} segment{'s' * (len(segmented.parts) > 1)} in {segmented.encoding}"


def _with_provider_id(progress: MessageProgress) -> Extras:
    """The extras of the call, with a MessageId that it refers to replaced by the provider's id."""
    extras = progress.message.extras
    message_id = MessageId(extras.context_message_id)
    if len(message_id) != _MESSAGE_ID_DIGITS or not message_id.isdecimal():
        return extras
    replied_to = progress.transaction.message(message_id)
    if replied_to is None or replied_to.account_id != progress.message.account_id:
        return extras
    ids = [
        attempt.provider_id for attempt in progress.transaction.attempts(message_id, 0) if attempt.provider_id
    ]
    return msgspec.structs.replace(extras, context_message_id=ids[-1]) if ids else extras
