"""The rows of the ledger and the journal as values."""

from typing import NamedTuple

import msgspec

from waypost.model.fast_enum import FastEnum
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message


class Stage(FastEnum):
    """A stage of message processing; the journal holds the pending work of each."""

    DISPATCH = "dispatch"
    RECEIPT = "receipt"
    TIMER = "timer"
    CALLBACK = "callback"


class Lease(NamedTuple):
    """A claim on rows of the journal that ends by itself.

    Attributes:
        seq: the id of the first row, for one that is written with its claim.
        fence: the number of the claim, never used twice.
        until: its end in milliseconds UTC of real time, which other processes see.
        deadline: its end by this process's monotonic clock, in seconds.
    """

    seq: int
    fence: int
    until: int
    deadline: float


class Work(msgspec.Struct, frozen=True):
    """A claimed row of the journal.

    Attributes:
        seq: the id of the row, never used twice; ascending in the order in which one process writes.
        lane: what it waits for in one line with others (`waypost.model.message.lanes`).
        message_id: empty for a receipt whose message is not known yet.
        visible_at: the time from which the row may be claimed, milliseconds UTC.
        body: JSON text in the form of the stage.
        tries: how often the row was tried and postponed.
        fence: the number of the claim; 0 for a row that is only read.
        deadline: the end of the lease by this process's monotonic clock, in seconds.
    """

    seq: int
    stage: Stage
    lane: str
    message_id: MessageId
    visible_at: int
    body: str
    tries: int
    fence: int = 0
    deadline: float = 0.0


class Correspondents(NamedTuple):
    """A route's sender and a recipient, by which a receipt without an id may be matched."""

    route: str
    sender: str
    recipient: str


class Watermark(NamedTuple):
    """Which attempts a receipt about "all until then" may cover.

    Attributes:
        prefix: what their provider ids begin with.
        since: the time from which they were started, milliseconds UTC.
        enough: the state (`delivered` or `read`) in which a leg is not covered any more, as one that is read.
    """

    route: str
    prefix: str
    since: int
    enough: str


class MessageRecord(msgspec.Struct):
    """A message with all that is known of its progress, as of one moment.

    Attributes:
        legs: its legs, leg 0 first.
        attempts: the attempts of all legs, oldest first within a leg.
    """

    message: Message
    legs: list[Leg]
    attempts: list[Attempt]


class Event(msgspec.Struct, frozen=True):
    """An entry of a message's timeline.

    Attributes:
        leg: the number of the leg that the event is about.
        at: milliseconds UTC.
        kind: `attempt`, `accepted`, `refused`, `unknown`, `receipt`, `timer`, `fallback`, `end`, `note`.
        text: a description for a reader.
    """

    message_id: MessageId
    leg: int
    at: int
    kind: str
    text: str


class CallbackState(FastEnum):
    """The state of a callback.

    It is waiting for its push, delivered (the receiver answered 200 with code 0), dead (a dead letter: every
    retry failed), or only stored, because its account has no URL.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    STORED = "stored"


class Callback(msgspec.Struct, kw_only=True):
    """A callback event that is published to a customer.

    Attributes:
        id: ascending in the order of publishing; 0 until it is stored.
        message_id: empty for an inbound message.
        kind: `ChatAppStatus`, `ChatAppInbound` or `ChatAppAudit`.
        url: the URL that it is pushed to; empty if the customer has none, and it is only stored.
        body: the object as JSON text.
        created_at, ended_at: milliseconds UTC.
        error: why the last try failed.
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


class InboundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A user's message to a sender.

    Attributes:
        space_id: the space that the message is published to.
        at: when the message arrived, milliseconds UTC.
        provider_id: the provider's id of the message.
        type: the type of the message (`ChatAppInbound.Type`).
        text: the text, or a media object as JSON text.
    """

    account_id: AccountId
    space_id: SpaceId
    channel: str
    sender: str
    user: str
    at: int
    provider_id: str
    type: str
    text: str


class QueueMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message in a queue, where it stays until the customer has received and deleted it.

    Attributes:
        id: unique for ever: a deleted message's id is not reused.
        queue: the name of the queue.
        body: the object as JSON text.
        enqueued_at: milliseconds UTC.
        visible_at: the time from which it may be received (again), milliseconds UTC.
        received: how often the message was received.
        first_received_at: milliseconds UTC; None until it was received.
        turn: counts receives and changes of the visibility; a receipt handle is valid for one turn.
    """

    id: int
    queue: str
    body: str
    enqueued_at: int
    visible_at: int
    received: int = 0
    first_received_at: int | None = None
    turn: int = 0
