"""Converts database rows to values and back, in the column order of `statements`."""

from typing import Any

import msgspec

from waypost.model.identifiers import shard_of
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegState
from waypost.model.message.message import Message
from waypost.model.message.suppression import Suppression
from waypost.model.people import canonical_person
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.records import Callback, CallbackState, Stage, Work

Row = tuple[Any, ...]
Parameters = dict[str, Any]

encode = msgspec.json.Encoder().encode
_decode_parts = msgspec.json.Decoder(tuple[str, ...]).decode
# The call of an enum is a function of Python, and would run for every such column of every row.
_LEG_STATES = {state.value: state for state in LegState}
_OUTCOMES = {outcome.value: outcome for outcome in AttemptOutcome}
_CALLBACK_STATES = {state.value: state for state in CallbackState}
decode_message = msgspec.json.Decoder(Message).decode


def new_message_row(message: Message) -> Row:
    """The row of a new message: its body, and what it is found by; None for nothing."""
    message_id = message.message_id
    return (
        shard_of(message_id),
        message_id,
        message.account_id,
        encode(message).decode(),
        message.call.request_id or None,
        message.space_id,
        message.template_code or None,
        message.task_id or None,
        message.tag or None,
        message.group_id or None,
    )


def leg_row(leg: Leg) -> Row:
    """The row of a leg."""
    message_id, failure = leg.message_id, leg.failure
    return (
        shard_of(message_id),
        message_id,
        leg.leg,
        leg.channel,
        leg.sender,
        leg.recipient,
        leg.route,
        leg.state.value,
        leg.why,
        leg.attempts,
        failure.value if failure is not None else None,
        leg.code,
        leg.text,
        int(leg.double_delivery),
        leg.started_at,
        leg.updated_at,
        leg.version,
    )


def to_leg(row: Row) -> Leg:
    """A leg from its row. Where that has a failure and no code, code and text are those of the failure."""
    failure = SendFailure(row[10]) if row[10] is not None else None
    code, text = row[11], row[12]
    if failure is not None and not code:
        code, text = failure.facts.wire_code, failure.facts.customer_text
    return Leg(
        message_id=row[1],
        leg=row[2],
        channel=row[3],
        sender=row[4],
        recipient=row[5],
        route=row[6],
        state=_LEG_STATES[row[7]],
        why=row[8],
        attempts=row[9],
        failure=failure,
        code=code,
        text=text,
        double_delivery=bool(row[13]),
        started_at=row[14],
        updated_at=row[15],
        version=row[16],
    )


def attempt_row(attempt: Attempt) -> Row:
    """The row of an attempt."""
    message_id = attempt.message_id
    return (
        shard_of(message_id),
        message_id,
        attempt.leg,
        attempt.attempt,
        attempt.number,
        attempt.route,
        attempt.sender,
        attempt.recipient,
        attempt.started_at,
        attempt.ended_at,
        attempt.outcome.value,
        attempt.provider_id,
        attempt.code,
        attempt.text,
        # Nearly no attempt has any.
        encode(attempt.delivered_parts).decode() if attempt.delivered_parts else "",
    )


def to_attempt(row: Row) -> Attempt:
    """An attempt from its row."""
    return Attempt(
        message_id=row[1],
        leg=row[2],
        attempt=row[3],
        number=row[4],
        route=row[5],
        sender=row[6],
        recipient=row[7],
        started_at=row[8],
        ended_at=row[9],
        outcome=_OUTCOMES[row[10]],
        provider_id=row[11],
        code=row[12],
        text=row[13],
        delivered_parts=_decode_parts(row[14]) if row[14] else (),
    )


def callback_row(callback: Callback) -> Row:
    """The row of a callback behind its id."""
    message_id = callback.message_id
    return (
        shard_of(message_id) if message_id else 0,
        message_id,
        callback.account_id,
        callback.kind,
        callback.url,
        callback.body,
        callback.state.value,
        callback.tries,
        callback.error,
        callback.created_at,
        callback.ended_at,
    )


def ended_callback_row(callback: Callback) -> Row:
    """What is written of the end of a callback, and its id."""
    return (
        callback.state.value,
        callback.tries,
        callback.error,
        callback.ended_at,
        callback.url,
        callback.id,
    )


def to_callback(row: Row) -> Callback:
    """A callback from its row."""
    return Callback(
        id=row[0],
        message_id=row[1],
        account_id=row[2],
        kind=row[3],
        url=row[4],
        body=row[5],
        state=_CALLBACK_STATES[row[6]],
        tries=row[7],
        error=row[8],
        created_at=row[9],
        ended_at=row[10],
    )


def to_template_count(row: Row) -> TemplateCount:
    """The counters of a template from their row."""
    return TemplateCount(
        account_id=row[0],
        template_code=row[1],
        language=row[2],
        start=row[3],
        sent=row[4],
        delivered=row[5],
        read=row[6],
    )


def suppression_row(entry: Suppression) -> Row:
    """The row of an entry of the suppression list."""
    return (
        entry.account_id,
        canonical_person(entry.channel, entry.recipient),
        entry.channel,
        entry.sender,
        entry.reason.value,
        entry.detail,
        entry.at,
    )


def to_work(row: Row) -> Work:
    """A unit of work from its row of the journal."""
    return Work(row[0], Stage(row[1]), row[2], row[3], row[4], row[5], row[6])
