"""What is written to the store, as values: commands, and the changes that are written whole or refused whole.

A decision (`waypost.delivery`) returns commands and does nothing itself; the store writes those of many
changes together, with one statement a table and kind.
"""

from collections.abc import Sequence
from enum import Enum
from typing import TypeAlias

import msgspec

from waypost.model.identifiers import NO_MESSAGE, AccountId, MessageId
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.model.message.sms_limits import SmsCount
from waypost.model.message.suppression import Suppression
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.records import Callback, Event, InboundMessage, Lease, Stage, Work


class AddMessage(msgspec.Struct, frozen=True):
    """Write a new message."""

    message: Message


class PutLeg(msgspec.Struct, frozen=True):
    """Write a leg, new or changed; its channel, sender, recipient, reason and start are written once."""

    leg: Leg


class Readdress(msgspec.Struct, frozen=True):
    """Write the recipient of a leg that has another one now."""

    leg: Leg


class PutAttempt(msgspec.Struct, frozen=True):
    """Write an attempt, new or changed."""

    attempt: Attempt


class Enqueue(msgspec.Struct, frozen=True):
    """Write work to the journal.

    Attributes:
        visible_at: the time from which it may be claimed, milliseconds UTC.
        claimed: what the writer claims with the same write; None for a row that anybody may claim.
    """

    stage: Stage
    lane: str
    message_id: MessageId
    body: str
    visible_at: int
    claimed: Lease | None = None


class Finish(msgspec.Struct, frozen=True):
    """Remove claimed work from the journal."""

    work: Work


class Postpone(msgspec.Struct, frozen=True):
    """End a claim, and let the work be claimed again from `visible_at` (milliseconds UTC).

    Attributes:
        tried: whether it counts as a try.
    """

    work: Work
    visible_at: int
    tried: bool = True


class DropTimers(msgspec.Struct, frozen=True):
    """Remove all timers of a message from the journal."""

    message_id: MessageId


class AddEvent(msgspec.Struct, frozen=True):
    """Append an event to the timeline of its message."""

    event: Event


class Publish(msgspec.Struct, frozen=True):
    """Write a callback, with its push unless it is only stored, and its copy for a queue.

    Attributes:
        queue: the queue that its body is added to; empty for none.
    """

    callback: Callback
    queue: str = ""


class EndCallback(msgspec.Struct, frozen=True):
    """Write the outcome of a push: state, tries, error and end of a callback."""

    callback: Callback


class ReplayCallback(msgspec.Struct, frozen=True):
    """Let a delivered or dead callback wait again, to be pushed to `url`; its tries start at 0.

    Attributes:
        now: milliseconds UTC.
    """

    callback: Callback
    url: str
    now: int


class FinishPush(msgspec.Struct, frozen=True):
    """Remove a push from the journal, unless more callbacks of its message to its URL wait: then it may be
    claimed again at once."""

    work: Work


class Count(msgspec.Struct, frozen=True):
    """Add to the counters of a template."""

    count: TemplateCount


class Suppress(msgspec.Struct, frozen=True):
    """Add a recipient to the suppression list, unless it is on it."""

    entry: Suppression


class Unsuppress(msgspec.Struct, frozen=True):
    """Remove a recipient from the suppression list, if it is on it for the same reason and since no later."""

    entry: Suppression


class AddInbound(msgspec.Struct, frozen=True):
    """Record what a user wrote to a sender.

    Attributes:
        message: for the operation that lists it.
        last_inbound: opens the window for free messages, milliseconds UTC; None on a channel without one.
        user_id: another address of the same user, which the window is open for, too.
    """

    message: InboundMessage
    last_inbound: int | None
    user_id: str = ""


class PutSpelling(msgspec.Struct, frozen=True):
    """Record how a channel's provider spells the address of a person, who may have others.

    Attributes:
        spelling: the address as the provider has it; the person follows from it.
    """

    channel: str
    spelling: str


class ClaimInbound(msgspec.Struct, frozen=True):
    """Record the provider's id of a user's message; the change is refused if it is recorded already."""

    route: str
    provider_id: str
    at: int


class ClaimNonce(msgspec.Struct, frozen=True):
    """Record a used nonce; the change is refused if it is recorded in one of the slices.

    Attributes:
        digest: 16 bytes.
        slice: the slice of time that it is recorded in.
        valid: the slices in which a call with this nonce could be repeated.
    """

    access_key_id: str
    digest: bytes
    slice: int
    valid: range


class RequireUnsuppressed(msgspec.Struct, frozen=True):
    """Refuse the change if the recipient wants no promotions from the sender."""

    account_id: AccountId
    channel: str
    sender: str
    recipient: str


class CountSms(msgspec.Struct, frozen=True):
    """Add one to counters of SMS; the change is refused if one of them has reached its cap."""

    counts: Sequence[SmsCount]


class RequireOpenWindow(msgspec.Struct, frozen=True):
    """Refuse the change unless the user has written to the sender at or after `since` (milliseconds UTC)."""

    channel: str
    sender: str
    user: str
    since: int


Command: TypeAlias = (
    AddMessage
    | PutLeg
    | Readdress
    | PutAttempt
    | Enqueue
    | Finish
    | Postpone
    | DropTimers
    | AddEvent
    | Publish
    | EndCallback
    | ReplayCallback
    | FinishPush
    | Count
    | Suppress
    | Unsuppress
    | AddInbound
    | PutSpelling
    | ClaimInbound
    | ClaimNonce
    | RequireUnsuppressed
    | CountSms
    | RequireOpenWindow
)


class Change(msgspec.Struct, frozen=True):
    """Commands that are written together, or not at all.

    Attributes:
        works: claims that must still hold.
        message_id, version: the message that the decision is about, and the version of it that the decision
            was made on; without a message nothing is compared.
    """

    commands: Sequence[Command]
    works: Sequence[Work] = ()
    message_id: MessageId = NO_MESSAGE
    version: int = 0


class Refusal(Enum):
    """Why a change was not written."""

    LEASE_LOST = "another holder may have claimed the work"
    CHANGED = "the message has changed since the decision"
    NONCE_USED = "the nonce was used"
    REPEATED = "the user's message is recorded already"
    SUPPRESSED = "the recipient wants no promotions"
    CAPPED = "a limit on SMS is reached"
    WINDOW_CLOSED = "the user has not written to the sender lately"
