"""A leg, its attempts, and its state machine: one table of transitions, total over every state and event.

Receipts come late, repeated and in any order; the table makes every order end in the same state, because
what receipts can do only ever moves up this ladder (failure-classes.md, "State order for receipts"):

    queued < submitting < in doubt < sent < expired < failed < delivered < read

Only delivery itself moves down, between attempts, and only while the leg has not ended.
"""

import msgspec

from waypost.model.fast_enum import FastEnum
from waypost.model.identifiers import MessageId, shard_of
from waypost.model.message.failures import SendFailure


class LegState(FastEnum):
    """The state of a leg."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    EXPIRED = "expired"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"

    @property
    def ended(self) -> bool:
        """Whether it is delivered, read, failed or expired: no work is left, but a receipt may come."""
        return self in _ENDED

    @property
    def delivered(self) -> bool:
        """Whether the recipient is known to have the message."""
        return self in _REACHED


class LegEvent(FastEnum):
    """An event that can change a leg's state."""

    ATTEMPT_STARTED = "attempt_started"
    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    ABANDONED = "given_up"
    SILENCE = "silence"
    RECEIPT_SENT = "receipt_sent"
    RECEIPT_EXPIRED = "receipt_expired"
    RECEIPT_FAILED = "receipt_failed"
    RECEIPT_DELIVERED = "receipt_delivered"
    RECEIPT_READ = "receipt_read"


class Leg(msgspec.Struct, kw_only=True):
    """One channel tried for a message; leg 0 is the message's own channel.

    Attributes:
        route: which connector and credentials carry it.
        why: for a fallback leg, what set it off.
        attempts: how many were started.
        failure, code, text: why it failed, when it did.
        double_delivery: it reached the person although another leg had left or arrived.
        started_at, updated_at: milliseconds UTC; leg 0 starts when the call is accepted.
        version: leg 0's counts the changes of the whole message; a decision is written only on the version
            that it was made on.
    """

    message_id: MessageId
    leg: int
    channel: str
    sender: str
    recipient: str
    route: str
    state: LegState = LegState.QUEUED
    why: str = ""
    attempts: int = 0
    failure: SendFailure | None = None
    code: str = ""
    text: str = ""
    double_delivery: bool = False
    started_at: int
    updated_at: int
    version: int = 0

    @property
    def shard(self) -> int:
        """The shard of its message."""
        return shard_of(self.message_id)


class AttemptOutcome(FastEnum):
    """The outcome of a submission to a provider."""

    UNDER_WAY = "under_way"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Attempt(msgspec.Struct, kw_only=True):
    """One submission of a leg to a provider.

    Attributes:
        number: the reference for providers that echo only numbers.
        started_at, ended_at: milliseconds UTC; no end while it is under way.
        provider_id: the provider's id of the message, from its answer or, after none, from its receipt.
        code, text: of the provider's answer.
        delivered_parts: the provider's ids of the parts of a long SMS that are delivered, until all are.
    """

    message_id: MessageId
    leg: int
    attempt: int
    number: int
    route: str
    sender: str
    recipient: str
    started_at: int
    ended_at: int | None = None
    outcome: AttemptOutcome = AttemptOutcome.UNDER_WAY
    provider_id: str | None = None
    code: str = ""
    text: str = ""
    delivered_parts: tuple[str, ...] = ()


_ENDED = frozenset({LegState.EXPIRED, LegState.FAILED, LegState.DELIVERED, LegState.READ})
_REACHED = frozenset({LegState.DELIVERED, LegState.READ})
_OPEN = tuple(state for state in LegState if state not in _ENDED)
_LADDER = {state: step for step, state in enumerate(LegState)}


def _only_from(states: tuple[LegState, ...], to: LegState) -> dict[LegState, LegState]:
    return {state: to if state in states else state for state in LegState}


def _up_to(to: LegState) -> dict[LegState, LegState]:
    return {state: max(state, to, key=_LADDER.__getitem__) for state in LegState}


_TABLE: dict[LegEvent, dict[LegState, LegState]] = {
    LegEvent.ATTEMPT_STARTED: _only_from((LegState.QUEUED, LegState.IN_DOUBT), LegState.SUBMITTING),
    LegEvent.ACCEPTED: _up_to(LegState.SENT),
    LegEvent.REFUSED_FOR_NOW: _only_from((LegState.SUBMITTING,), LegState.QUEUED),
    LegEvent.REFUSED: _only_from(_OPEN, LegState.FAILED),
    LegEvent.NO_ANSWER: _only_from((LegState.SUBMITTING,), LegState.IN_DOUBT),
    LegEvent.ABANDONED: _only_from((LegState.QUEUED,), LegState.FAILED),
    LegEvent.SILENCE: _only_from(_OPEN, LegState.EXPIRED),
    LegEvent.RECEIPT_SENT: _up_to(LegState.SENT),
    LegEvent.RECEIPT_EXPIRED: _up_to(LegState.EXPIRED),
    LegEvent.RECEIPT_FAILED: _up_to(LegState.FAILED),
    LegEvent.RECEIPT_DELIVERED: _up_to(LegState.DELIVERED),
    LegEvent.RECEIPT_READ: _up_to(LegState.READ),
}


def after(state: LegState, event: LegEvent) -> LegState:
    """The state that follows from an event in a state."""
    return _TABLE[event][state]
