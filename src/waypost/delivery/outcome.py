"""Decides what the outcome of an attempt comes to: the leg's new state, a retry, the fallback."""

from collections import Counter
from collections.abc import Mapping

from msgspec.structs import replace

from waypost.delivery.cancelling import end_as_cancelled
from waypost.delivery.context import DecisionContext
from waypost.delivery.message_progress import MessageProgress
from waypost.delivery.routes import Route
from waypost.messaging.derived_events import ACCEPTED_IS_DELIVERED
from waypost.model.fallback.decision import Trigger
from waypost.model.message.failures import ROUTE_FAILURES
from waypost.model.message.lanes import message_class
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegEvent, LegState
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown
from waypost.model.message.retry import RetryDecision, after_refusal, in_doubt
from waypost.model.people import has_spellings
from waypost.model.routes.choice import next_route
from waypost.storage.changes import PutSpelling, Readdress
from waypost.storage.records import Work


def end_attempt(
    progress: MessageProgress,
    attempt: Attempt,
    work: Work,
    outcome: Outcome,
    context: DecisionContext,
    routes: Mapping[str, Route],
    jitter: float,
) -> None:
    """Writes the outcome of an attempt, and its consequences, by the holder of its work.

    Args:
        attempt: the attempt as it is recorded now.
        jitter: 0 to 1, for the back-off.
    """
    leg = progress.legs[attempt.leg]
    match outcome:
        case Accepted():
            _accept(progress, leg, attempt, outcome)
            progress.finish(work)
        case Refused(code=code, text=text):
            progress.put_attempt(_ended(progress, attempt, AttemptOutcome.REFUSED, code=code, text=text))
            _end_refused(progress, leg, work, outcome, context, jitter)
        case Unknown(text):
            progress.put_attempt(_ended(progress, attempt, AttemptOutcome.UNKNOWN, text=text))
            _end_unanswered(progress, leg, work, context, routes)


def follow_late_answer(progress: MessageProgress, attempt: Attempt, outcome: Outcome) -> None:
    """Follows the answer to an attempt by one who lost the claim on its work: as a receipt, so that the
    provider's id is not lost and what the provider took is not sent again."""
    leg = progress.legs[attempt.leg]
    if attempt.outcome not in (AttemptOutcome.UNDER_WAY, AttemptOutcome.UNKNOWN):
        return
    match outcome:
        case Accepted():
            _accept(progress, leg, attempt, outcome)
        case Refused(code=code, text=text):
            progress.put_attempt(_ended(progress, attempt, AttemptOutcome.REFUSED, code=code, text=text))
            progress.note(leg, "refused", f"refused, as came out late: {_reason(outcome)}")
        case Unknown():
            pass


def end_refused(progress: MessageProgress, leg: Leg, refused: Refused) -> None:
    """Ends a leg that its provider refused for good, and starts the fallback."""
    leg = progress.apply(
        leg, LegEvent.REFUSED, failure=refused.failure, code=refused.code, text=refused.explanation
    )
    progress.fall_back(leg, Trigger.SUBMISSION_FAILED)


def _ended(
    progress: MessageProgress,
    attempt: Attempt,
    outcome: AttemptOutcome,
    *,
    provider_id: str | None = None,
    code: str = "",
    text: str = "",
) -> Attempt:
    return replace(
        attempt,
        ended_at=progress.now,
        outcome=outcome,
        provider_id=provider_id or attempt.provider_id,
        code=code,
        text=text,
    )


def _reason(refused: Refused) -> str:
    """Why a leg was refused, in the provider's code and our own words."""
    return f"{refused.code} {refused.explanation or refused.failure.facts.customer_text}".strip().rstrip(".")


def _accept(progress: MessageProgress, leg: Leg, attempt: Attempt, accepted: Accepted) -> None:
    provider_id = accepted.provider_id
    progress.put_attempt(_ended(progress, attempt, AttemptOutcome.ACCEPTED, provider_id=provider_id))
    # Only where it is not obvious: few people have a second spelling.
    if has_spellings(leg.channel, accepted.recipient):
        progress.add(PutSpelling(leg.channel, accepted.recipient))
    migrated_to = accepted.migrated_to
    if migrated_to:
        progress.note(leg, "note", f"the group {leg.recipient} is {migrated_to} from now on")
        leg = replace(leg, recipient=migrated_to)
        progress.add(Readdress(leg))
    leg = progress.apply(leg, LegEvent.ACCEPTED, migrated_to=migrated_to)
    if accepted.delivered and not leg.state.delivered:
        progress.note(leg, "note", ACCEPTED_IS_DELIVERED)
        progress.apply(leg, LegEvent.RECEIPT_DELIVERED, migrated_to=migrated_to)


def _end_refused(
    progress: MessageProgress,
    leg: Leg,
    work: Work,
    refused: Refused,
    context: DecisionContext,
    jitter: float,
) -> None:
    if progress.message.cancelled and leg.state is LegState.SUBMITTING:
        progress.note(leg, "refused", f"refused: {_reason(refused)}")
        end_as_cancelled(progress, leg)
        progress.finish(work)
        return
    if (route := _other_route(progress, leg, refused, context)) and progress.now < _deadline(progress, leg):
        progress.note(leg, "refused", f"refused: {_reason(refused)}; goes by {route} at once")
        progress.reroute(progress.apply(leg, LegEvent.REFUSED_FOR_NOW), route, work, progress.now)
        return
    decision = after_refusal(
        refused,
        leg.attempts,
        progress.now,
        _deadline(progress, leg),
        context.settings.retry_schedule,
        jitter,
    )
    reason = _reason(refused)
    if decision.at is None:
        progress.note(leg, "refused", f"refused: {reason}; not tried again: {decision.why}")
        end_refused(progress, leg, refused)
        progress.finish(work)
    else:
        wait = (decision.at - progress.now) / 1000
        progress.note(leg, "refused", f"refused: {reason}; tried again in {wait:.1f} s: {decision.why}")
        progress.apply(leg, LegEvent.REFUSED_FOR_NOW)
        progress.postpone(work, decision.at)


def _other_route(progress: MessageProgress, leg: Leg, refused: Refused, context: DecisionContext) -> str:
    """Another route of the sender, for a leg that its provider certainly did not take for a reason of the
    route; empty if there is none to go by now."""
    sender = context.configuration.sender_by_id(leg.channel, leg.sender)
    if leg.state is not LegState.SUBMITTING or sender is None or refused.failure not in ROUTE_FAILURES:
        return ""
    attempts = progress.attempts(leg)
    if any(attempt.outcome is AttemptOutcome.UNKNOWN for attempt in attempts):
        # The provider of an earlier attempt may have it.
        return ""
    allowed = sender.routes_for(message_class(progress.message), leg.recipient)
    return next_route(allowed, context.usable, Counter(attempt.route for attempt in attempts), leg.route)


def _end_unanswered(
    progress: MessageProgress,
    leg: Leg,
    work: Work,
    context: DecisionContext,
    routes: Mapping[str, Route],
) -> None:
    decision = _decide_in_doubt(progress, leg, context, routes)
    if leg.state is not LegState.SUBMITTING:
        decision = RetryDecision(None, "a receipt or a timer came first")
    consequence = f"sent again if no receipt comes: {decision.why}" if decision.at else decision.why
    progress.note(leg, "unknown", f"no usable answer to attempt {leg.attempts}; {consequence}")
    leg = progress.apply(leg, LegEvent.NO_ANSWER)
    progress.finish(work)
    if decision.at is not None:
        progress.dispatch(leg, decision.at)


def _decide_in_doubt(
    progress: MessageProgress, leg: Leg, context: DecisionContext, routes: Mapping[str, Route]
) -> RetryDecision:
    route = routes.get(leg.route)
    attempts = progress.attempts(leg)
    return in_doubt(
        removes_duplicates=route is not None and route.connector.removes_duplicates,
        label=progress.message.label,
        resends=leg.channel in context.settings.resend_in_doubt,
        unanswered=sum(1 for attempt in attempts if attempt.outcome is AttemptOutcome.UNKNOWN),
        now=progress.now,
        until=_deadline(progress, leg),
        wait=int(context.settings.in_doubt_wait * 1000),
    )


def _deadline(progress: MessageProgress, leg: Leg) -> int:
    """The time after which the leg is not tried any more, in milliseconds UTC."""
    due = progress.next_step_due(leg)
    return progress.expires_at(leg) if due is None else min(due, progress.expires_at(leg))
