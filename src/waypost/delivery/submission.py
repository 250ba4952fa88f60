"""Decides whether a leg is submitted, and with what: claimed dispatch work in, commands and an attempt
out."""

from collections.abc import Mapping

import msgspec

from waypost.connectors.contract import Submission
from waypost.delivery.cancelling import end_as_cancelled, end_cancelled, is_cancelled
from waypost.delivery.context import DecisionContext
from waypost.delivery.message_progress import MessageProgress
from waypost.delivery.outcome import end_attempt, end_refused
from waypost.delivery.routes import Route
from waypost.messaging.derived_events import attempt_line
from waypost.model.channels import channel_named
from waypost.model.content.segments import segment
from waypost.model.fallback.decision import Trigger
from waypost.model.identifiers import MessageId, attempt_number, attempt_reference, is_message_id
from waypost.model.message.extras import Extras
from waypost.model.message.failures import SendFailure
from waypost.model.message.lanes import message_class
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegEvent, LegState
from waypost.model.message.message import Message
from waypost.model.message.outcomes import Refused, Unknown
from waypost.model.message.sms_counts import is_allowed_country, sms_counts
from waypost.model.message.sms_limits import SmsLimits
from waypost.model.message.work import decode_dispatch
from waypost.model.routes.choice import first_usable
from waypost.storage.changes import CountSms, Refusal, RequireOpenWindow, RequireUnsuppressed
from waypost.storage.records import MessageRecord, Work

# Viber's minimum, in seconds; the other channels' are not above it.
_MIN_TTL_S = 30
# The states in which a leg waits to be sent.
_UNSENT = (LegState.QUEUED, LegState.IN_DOUBT)


class PlannedAttempt(msgspec.Struct, frozen=True):
    """An attempt that is submitted once it is written.

    Attributes:
        channel: the channel of its leg.
    """

    channel: str
    attempt: Attempt
    route: Route
    submission: Submission


def context_of(message: Message) -> MessageId | None:
    """The message that a message refers to by its MessageId, or None."""
    context = message.extras.context_message_id
    return MessageId(context) if context and is_message_id(context) else None


def plan(
    progress: MessageProgress,
    work: Work,
    context: DecisionContext,
    routes: Mapping[str, Route],
    records: Mapping[MessageId, MessageRecord],
    jitter: float,
) -> PlannedAttempt | None:
    """Starts an attempt of the leg that the work is about; None, with the work finished or postponed, if the
    leg is not to be sent now.

    Args:
        records: the messages that others refer to, among others.
        jitter: 0 to 1, for the back-off of an attempt that was interrupted.
    """
    leg = progress.leg(decode_dispatch(work.body).leg)
    if leg.state not in _UNSENT:
        if is_cancelled(leg):
            end_cancelled(progress, leg)
            progress.finish(work)
        else:
            _end_interrupted(progress, leg, work, context, routes, jitter)
        return None
    message = progress.message
    if message.cancelled:
        if leg.state is LegState.QUEUED:
            end_as_cancelled(progress, leg)
        else:
            progress.note(leg, "note", "not sent again: the message was cancelled")
        progress.finish(work)
        return None
    if leg.leg == 0 and message.fault:
        progress.note(leg, "note", f"not sent: {message.fault}")
        leg = progress.apply(leg, LegEvent.REFUSED, failure=SendFailure.TEMPLATE_FAULT, text=message.fault)
        progress.fall_back(leg, Trigger.TEMPLATE_FAULT)
        progress.finish(work)
        return None
    if _abandon_if_obsolete(progress, leg):
        progress.finish(work)
        return None
    if context.configuration.suspended(message.account_id, leg.channel, leg.sender, progress.now):
        end_refused(
            progress, leg, Refused(SendFailure.NOT_CONFIGURED, "", "", explanation="the sender is suspended")
        )
        progress.finish(work)
        return None
    name = _route_of(progress, leg, context)
    if name != leg.route and leg.state is LegState.QUEUED and _has_routes(leg, context) and name in routes:
        # Not here: the places of this lane are those of another route.
        progress.note(leg, "note", f"goes by {name}: the routes of its sender have changed")
        progress.reroute(leg, name, work, progress.now)
        return None
    route = routes.get(name)
    if route is None:
        end_refused(
            progress, leg, Refused(SendFailure.NOT_CONFIGURED, "", "", explanation="the sender has no route")
        )
        progress.finish(work)
        return None
    if message.promotional:
        progress.add(RequireUnsuppressed(message.account_id, leg.channel, leg.sender, leg.recipient))
    channel = channel_named(leg.channel)
    if leg.leg and channel.free_window is not None:
        # The call has checked the window of its own channel; the text of a fallback is a free message.
        since = progress.now - channel.free_window
        progress.add(RequireOpenWindow(leg.channel, leg.sender, leg.recipient, since))
    if channel.segmented and not leg.attempts:
        progress.add(CountSms(sms_counts(message.account_id, leg.recipient, context.sms, progress.now)))
    progress.hold(work)
    return start_attempt(progress, leg, route, records)


def end_unsent(progress: MessageProgress, work: Work, refusal: Refusal, limits: SmsLimits) -> SendFailure:
    """Ends a leg whose attempt the store refused to begin; returns why.

    What the call had checked may have changed since, and a fallback has a sender and a channel of its own.
    """
    leg = progress.leg(decode_dispatch(work.body).leg)
    explanation = ""
    if refusal is Refusal.SUPPRESSED:
        failure, explanation = SendFailure.OPTED_OUT, "the person wants no promotions"
    elif refusal is Refusal.WINDOW_CLOSED:
        failure = SendFailure.WAITING_FOR_USER
        explanation = f"{leg.channel} allows a free message only after the person has written"
    elif is_allowed_country(leg.recipient, limits):
        failure = SendFailure.SMS_LIMIT
    else:
        failure = SendFailure.SMS_COUNTRY
    progress.note(leg, "note", f"not sent: {explanation or failure.facts.customer_text}")
    end_refused(progress, leg, Refused(failure, "", "", explanation=explanation))
    progress.finish(work)
    return failure


def end_if_obsolete(progress: MessageProgress, work: Work) -> bool:
    """Ends a leg that should not be sent any more, and its work; whether it is such a one."""
    leg = progress.leg(decode_dispatch(work.body).leg)
    if leg.state not in _UNSENT or not _abandon_if_obsolete(progress, leg):
        return False
    progress.finish(work)
    return True


def _end_interrupted(
    progress: MessageProgress,
    leg: Leg,
    work: Work,
    context: DecisionContext,
    routes: Mapping[str, Route],
    jitter: float,
) -> None:
    """Ends an attempt whose outcome was not written because its process was killed, or its lease ran out.

    A receipt or a timer may have been processed before; the attempt is still recorded as unanswered.
    """
    attempts = progress.attempts(leg)
    if attempts and attempts[-1].outcome is AttemptOutcome.UNDER_WAY:
        unknown = Unknown("Waypost was stopped while the request was out")
        end_attempt(progress, attempts[-1], work, unknown, context, routes, jitter)
    else:
        progress.finish(work)


def _abandon_if_obsolete(progress: MessageProgress, leg: Leg) -> bool:
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


def _has_routes(leg: Leg, context: DecisionContext) -> bool:
    """Whether the sender of a leg has several routes."""
    sender = context.configuration.sender_by_id(leg.channel, leg.sender)
    return sender is not None and bool(sender.routes)


def _route_of(progress: MessageProgress, leg: Leg, context: DecisionContext) -> str:
    """The route of a leg: until its first attempt the one that its sender has now; of several routes the one
    that it waits for, unless it is none of them any more. Whether that may be used, the claim has decided."""
    sender = context.configuration.sender_by_id(leg.channel, leg.sender)
    if leg.state is LegState.IN_DOUBT or (leg.attempts and (sender is None or not sender.routes)):
        return leg.route
    if sender is None or not sender.routes:
        return sender.route if sender is not None else ""
    allowed = sender.routes_for(message_class(progress.message), leg.recipient)
    if leg.route in allowed:
        return leg.route
    return first_usable(allowed, context.usable)


def start_attempt(
    progress: MessageProgress, leg: Leg, route: Route, records: Mapping[MessageId, MessageRecord]
) -> PlannedAttempt:
    """Starts the next attempt of a leg by a route."""
    number = leg.attempts + 1
    attempt = Attempt(
        message_id=leg.message_id,
        leg=leg.leg,
        attempt=number,
        number=attempt_number(leg.message_id, leg.leg, number),
        route=route.name,
        sender=leg.sender,
        recipient=leg.recipient,
        started_at=progress.now,
    )
    progress.put_attempt(attempt)
    leg = progress.apply(
        msgspec.structs.replace(leg, attempts=number, route=route.name), LegEvent.ATTEMPT_STARTED
    )
    if channel_named(leg.channel).segmented:
        segments = _segment_note(str(progress.content(leg)["text"]))
        progress.note(leg, "attempt", f"{attempt_line(number, leg.route)}, {segments}")
    return PlannedAttempt(leg.channel, attempt, route, _submission(progress, leg, attempt, route, records))


def _submission(
    progress: MessageProgress,
    leg: Leg,
    attempt: Attempt,
    route: Route,
    records: Mapping[MessageId, MessageRecord],
) -> Submission:
    message = progress.message
    reference = attempt_reference(leg.message_id, leg.leg, attempt.attempt)
    remaining_s = -((progress.now - progress.expires_at(leg)) // 1000)
    ttl = max(_MIN_TTL_S, remaining_s)
    if leg.leg:
        return Submission(
            reference=reference,
            number=attempt.number,
            sender=leg.sender,
            recipient=leg.recipient,
            message_type="text",
            content=progress.content(leg),
            label=progress.step(leg).label or message.label,
            ttl=ttl,
            receipt_url=route.receipt_url,
        )
    return Submission(
        reference=reference,
        number=attempt.number,
        sender=leg.sender,
        recipient=leg.recipient,
        message_type=message.message_type,
        content=message.content,
        label=message.label,
        ttl=ttl,
        tag=message.tag,
        tracking_data=message.tracking_data,
        templated=bool(message.template_code),
        template=message.template,
        extras=_with_provider_id(message, records),
        receipt_url=route.receipt_url,
    )


def _segment_note(text: str) -> str:
    """The number of segments of an SMS, for the timeline."""
    segmented = segment(text)
    return f"{len(segmented.parts)} segment{'s' * (len(segmented.parts) > 1)} in {segmented.encoding}"


def _with_provider_id(message: Message, records: Mapping[MessageId, MessageRecord]) -> Extras:
    """The extras of the call, with a MessageId that it refers to replaced by the provider's id."""
    context = context_of(message)
    if context is None:
        return message.extras
    replied_to = records.get(context)
    if replied_to is None or not _same_space(replied_to.message, message):
        return message.extras
    ids = [each.provider_id for each in replied_to.attempts if each.leg == 0 and each.provider_id]
    return msgspec.structs.replace(message.extras, context_message_id=ids[-1]) if ids else message.extras


def _same_space(one: Message, other: Message) -> bool:
    return (one.account_id, one.space_id) == (other.account_id, other.space_id)
