"""Accepts calls: what an accepted message writes to the store."""

from collections.abc import Callable

import msgspec

from waypost.model.configuration import Configuration, Sender
from waypost.model.message.lanes import TIMER_LANE, dispatch_lane, message_class
from waypost.model.message.leg import Leg
from waypost.model.message.message import Message
from waypost.model.message.work import DispatchWork, TimerKind, TimerWork, encode
from waypost.model.routes.choice import Usable, always_usable, first_usable
from waypost.storage.changes import AddMessage, Command, Enqueue, PutLeg, RequireUnsuppressed
from waypost.storage.records import Stage

DISPATCH_LEG_0 = encode(DispatchWork(0))
_FALLBACK_OF_LEG_0 = encode(TimerWork(TimerKind.FALLBACK, 0))
_EXPIRY_OF_LEG_0 = encode(TimerWork(TimerKind.EXPIRY, 0))


def chosen_route(
    sender: Sender | None, message: Message, recipient: str, usable: Usable = always_usable
) -> str:
    """The route of a leg of a message that starts now; empty if its sender has none for it."""
    if sender is None or not sender.routes:
        return sender.route if sender is not None else ""
    return first_usable(sender.routes_for(message_class(message), recipient), usable)


def first_leg(message: Message, configuration: Configuration, usable: Usable = always_usable) -> Leg:
    """Leg 0 of a message that is accepted now, by the route that its sender has now."""
    sender = configuration.sender_by_id(message.channel, message.sender)
    return Leg(
        message_id=message.message_id,
        leg=0,
        channel=message.channel,
        sender=message.sender,
        recipient=message.recipient,
        route=chosen_route(sender, message, message.recipient, usable),
        started_at=message.accepted_at,
        updated_at=message.accepted_at,
    )


Settled = Callable[[bool], None]


class Acceptance(msgspec.Struct, frozen=True):
    """What accepts a message.

    Attributes:
        commands: the message, its leg 0 and timers, and its dispatch. The store refuses them if the
            recipient of a promotion is on the suppression list.
        settled: called with whether they were written, once they are durable; None where nobody waits for it.
    """

    commands: list[Command]
    settled: Settled | None = None


Accept = Callable[[Message, Configuration], Acceptance]
"""Accepts a message by the present configuration."""


def acceptance(
    message: Message, configuration: Configuration, receipt_grace: int, usable: Usable = always_usable
) -> Acceptance:
    """Accepts a message whose dispatch anybody may claim.

    Args:
        receipt_grace: how long a receipt is waited for after the time to live, in milliseconds.
    """
    leg = first_leg(message, configuration, usable)
    return unclaimed(message, leg, dispatch_lane(leg.route, message), receipt_grace)


def unclaimed(
    message: Message, leg: Leg, lane: str, receipt_grace: int, settled: Settled | None = None
) -> Acceptance:
    """Accepts a message whose leg 0 is known, with its lane, and whose dispatch anybody may claim.

    The timers are set here, not when the message is sent, so that they fire even if sending is blocked.

    Args:
        receipt_grace: how long a receipt is waited for after the time to live, in milliseconds.
        settled: see `Acceptance`.
    """
    return Acceptance(
        [
            *opt_out_guard(message),
            AddMessage(message),
            PutLeg(leg),
            *timers(message, receipt_grace),
            Enqueue(Stage.DISPATCH, lane, message.message_id, DISPATCH_LEG_0, message.accepted_at),
        ],
        settled,
    )


def opt_out_guard(message: Message) -> list[Command]:
    """What a promotion expects of its recipient."""
    if not message.promotional:
        return []
    return [RequireUnsuppressed(message.account_id, message.channel, message.sender, message.recipient)]


def timers(message: Message, receipt_grace: int) -> list[Enqueue]:
    """The timers of leg 0 of an accepted message."""
    message_id = message.message_id
    due = message.expires_at + receipt_grace
    expiry = Enqueue(Stage.TIMER, TIMER_LANE, message_id, _EXPIRY_OF_LEG_0, due)
    if message.fallback_due is None:
        return [expiry]
    return [
        expiry,
        Enqueue(Stage.TIMER, TIMER_LANE, message_id, _FALLBACK_OF_LEG_0, message.fallback_due),
    ]
