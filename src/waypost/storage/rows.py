"""Converts database rows to values and back, in the column order of `statements`."""

from typing import Any

import msgspec

from waypost.model.identifiers import shard_of
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegState
from waypost.model.message.message import Message
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.records import Callback, CallbackState, Stage, Work

Row = tuple[Any, ...]
Parameters = dict[str, Any]

encode = msgspec.json.Encoder().encode
decode_message = msgspec.json.Decoder(Message).decode


def leg_row(leg: Leg) -> Parameters:
    """The row of a leg."""
    return {
        "shard": leg.shard,
        "message_id": leg.message_id,
        "leg": leg.leg,
        "channel": leg.channel,
        "sender": leg.sender,
        "recipient": leg.recipient,
        "route": leg.route,
        "state": leg.state.value,
        "why": leg.why,
        "attempts": leg.attempts,
        "failure": leg.failure.value if leg.failure is not None else None,
        "code": leg.code,
        "text": leg.text,
        "double_delivery": int(leg.double_delivery),
        "started_at": leg.started_at,
        "updated_at": leg.updated_at,
    }


def to_leg(row: Row) -> Leg:
    """A leg from its row."""
    return Leg(
        message_id=row[1],
        leg=row[2],
        channel=row[3],
        sender=row[4],
        recipient=row[5],
        route=row[6],
        state=LegState(row[7]),
        why=row[8],
        attempts=row[9],
        failure=SendFailure(row[10]) if row[10] is not None else None,
        code=row[11],
        text=row[12],
        double_delivery=bool(row[13]),
        started_at=row[14],
        updated_at=row[15],
    )


def attempt_row(attempt: Attempt) -> Parameters:
    """The row of an attempt."""
    return {
        "shard": shard_of(attempt.message_id),
        "message_id": attempt.message_id,
        "leg": attempt.leg,
        "attempt": attempt.attempt,
        "number": attempt.number,
        "route": attempt.route,
        "sender": attempt.sender,
        "recipient": attempt.recipient,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "outcome": attempt.outcome.value,
        "provider_id": attempt.provider_id,
        "code": attempt.code,
        "text": attempt.text,
    }


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
        outcome=AttemptOutcome(row[10]),
        provider_id=row[11],
        code=row[12],
        text=row[13],
    )


def callback_row(callback: Callback) -> Parameters:
    """The row of a new callback, which has no id yet."""
    return {
        "shard": shard_of(callback.message_id) if callback.message_id else 0,
        "message_id": callback.message_id,
        "account_id": callback.account_id,
        "kind": callback.kind,
        "url": callback.url,
        "body": callback.body,
        "state": callback.state.value,
        "tries": callback.tries,
        "error": callback.error,
        "created_at": callback.created_at,
        "ended_at": callback.ended_at,
    }


def to_callback(row: Row) -> Callback:
    """A callback from its row."""
    return Callback(
        id=row[0],
        message_id=row[1],
        account_id=row[2],
        kind=row[3],
        url=row[4],
        body=row[5],
        state=CallbackState(row[6]),
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


def to_work(row: Row) -> Work:
    """A unit of work from its row of the journal."""
    return Work(row[0], Stage(row[1]), row[2], row[3], row[4], row[5])
