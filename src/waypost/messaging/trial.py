"""One message by one route, to see whether it arrives: accepted like any other, and sent by the service."""

import asyncio
from typing import NamedTuple

from waypost.clock import Clock, steady_seconds
from waypost.messaging.acceptance import acceptance
from waypost.messaging.cancellation import accepted_by_now, carry_out
from waypost.model.channels import channel_named
from waypost.model.configuration import Configuration, Sender
from waypost.model.identifiers import NO_SPACE, MessageId, MessageIds
from waypost.model.message.cancellation import CancelFilter
from waypost.model.message.lanes import TRANSACTION
from waypost.model.message.leg import Leg, LegState
from waypost.model.message.message import Message
from waypost.storage.changes import Change
from waypost.storage.contract import Store

# How often it is looked what has become of it, in real seconds.
_LOOK_S = 0.1
_TTL_S = 3600
_REACHED = (LegState.SENT, LegState.DELIVERED, LegState.READ)


class Trial(NamedTuple):
    """What came of it.

    Attributes:
        state: the state of its leg.
        text: why it failed, or what is in the way.
    """

    message_id: MessageId
    state: str
    text: str

    @property
    def is_with_provider(self) -> bool:
        """Whether the provider has taken it."""
        return self.state in {state.value for state in _REACHED}


def find_sender(configuration: Configuration, route: str, sender_id: str = "") -> Sender | None:
    """A sender that has the route: the one with that id, or the first one; None if there is none."""
    found = [
        sender
        for sender in configuration.senders().values()
        if route in sender.all_routes and sender_id in ("", sender.id)
    ]
    return min(found, key=lambda sender: (sender.channel, sender.id), default=None)


async def send_trial(
    store: Store,
    configuration: Configuration,
    sender: Sender,
    route: str,
    recipient: str,
    text: str,
    receipt_grace: int,
    wait: float,
    clock: Clock,
) -> Trial:
    """Accepts a message for a route, and waits until it is delivered or has failed.

    Args:
        receipt_grace: how long a receipt is waited for after the time to live, in milliseconds.
        wait: how long, in real seconds; what nobody has sent by then is cancelled.
    """
    now = clock.now()
    ids = MessageIds(store.shards, node=store.node_number(), latest=store.latest_message_id())
    message_id = ids.next(now)
    channel, space = channel_named(sender.channel), configuration.space(sender.account_id, sender.space_id)
    message = Message(
        message_id=message_id,
        account_id=sender.account_id,
        space_id=space.id if space is not None else NO_SPACE,
        accepted_at=now,
        channel=sender.channel,
        message_type="text",
        sender=sender.id,
        recipient=recipient,
        content={"text": text},
        label=TRANSACTION if channel.labels else "",
        ttl=_TTL_S,
        task_id=f"routes-test-{message_id}",
    )
    accepted = acceptance(message, configuration, receipt_grace, usable=lambda name: name == route)
    await store.apply([Change(accepted.commands)])
    deadline = steady_seconds() + wait
    while True:
        [leg] = await store.find_legs(message_id)
        if leg.state.ended or steady_seconds() >= deadline:
            break
        await asyncio.sleep(_LOOK_S)
    if leg.state is LegState.QUEUED:
        await _cancel(store, message, clock)
        return Trial(message_id, LegState.FAILED.value, _why_unsent(leg))
    return Trial(message_id, leg.state.value, leg.text or _missing(leg))


async def _cancel(store: Store, message: Message, clock: Clock) -> None:
    filters = CancelFilter(account_id=message.account_id, task_id=message.task_id)
    before = accepted_by_now(store, clock.now())
    id_ = await store.transact(lambda t: t.cancellations.add(filters, before, "routes test", clock.now()))
    recorded = await store.cancellations.find(id_)
    assert recorded is not None
    await carry_out(store, recorded, clock.now)


def _why_unsent(leg: Leg) -> str:
    if leg.attempts:
        return "the provider has not taken it, and it was cancelled"
    return "nothing has sent it, and it was cancelled: is a service running, and may the route be used?"


def _missing(leg: Leg) -> str:
    return "" if leg.state.delivered else "no receipt has come: does the provider have the receipt address?"
