"""The rows of the ledger and the journal as values."""

from enum import Enum

import msgspec

from waypost.model.identifiers import AccountId, MessageId


class Stage(Enum):
    """A stage of the way of a message; the journal holds each one's work.

    Fallback legs are sent by a stage of their own, so that a provider which hangs, and with it all the hands
    that first legs have, cannot hold up the SMS that is there for that very case.
    """

    DISPATCH = "dispatch"
    FALLBACK = "fallback"
    RECEIPT = "receipt"
    TIMER = "timer"
    CALLBACK = "callback"


def dispatch_stage(leg: int) -> Stage:
    """The stage that hands a leg to its provider."""
    return Stage.FALLBACK if leg else Stage.DISPATCH


class Work(msgspec.Struct, frozen=True):
    """A row of the journal.

    Attributes:
        seq: in the order of writing.
        message_id: empty for a receipt whose message is not known yet.
        visible_at: the time from which it may be taken, milliseconds UTC.
        body: JSON text; its form is the stage's own business.
        tries: how often it was put back.
    """

    seq: int
    stage: Stage
    message_id: MessageId
    visible_at: int
    body: str
    tries: int


class Event(msgspec.Struct, frozen=True):
    """A line of a message's timeline.

    Attributes:
        leg: which leg it is about.
        at: milliseconds UTC.
        kind: `attempt`, `accepted`, `refused`, `unknown`, `receipt`, `timer`, `fallback`, `end`, `note`.
        text: what happened and why, in words.
    """

    message_id: MessageId
    leg: int
    at: int
    kind: str
    text: str


class CallbackState(Enum):
    """Where a callback is.

    It waits for its push, was delivered (the receiver answered 200 with code 0), is dead (given up, a dead
    letter), or is only stored, because its account has no URL.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    STORED = "stored"


class Callback(msgspec.Struct, kw_only=True):
    """A callback event: something that is published to a customer.

    Attributes:
        id: in the order of publishing; 0 until it is stored.
        message_id: empty for an inbound message.
        kind: `ChatAppStatus`, `ChatAppInbound` or `ChatAppAudit`.
        url: where it goes; empty when the customer has no URL (it is only stored then).
        body: the object as JSON text.
        created_at, ended_at: milliseconds UTC.
        error: what went wrong at the last try.
    """

    id: int = 0
    message_id: MessageId
    account_id: AccountId
    kind: str
    url: str
    body: str
    state: CallbackState
    tries: int = 0
    error: str = ""
    created_at: int
    ended_at: int | None = None


class QueueMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits in a queue until its customer has read and deleted it.

    Attributes:
        id: never given twice.
        queue: its name.
        body: the object as JSON text.
        enqueued_at: milliseconds UTC.
        visible_at: the time from which it may be received (again), milliseconds UTC.
        received: how often it was received.
        first_received_at: milliseconds UTC; None before.
        turn: counts receives and changes of the visibility: a handle holds until the next turn.
    """

    id: int
    queue: str
    body: str
    enqueued_at: int
    visible_at: int
    received: int = 0
    first_received_at: int | None = None
    turn: int = 0
