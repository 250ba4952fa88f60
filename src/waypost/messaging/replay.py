"""Callbacks told once more: a dead letter, or one a receiver lost, waits again to be pushed."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from waypost.model.configuration import Configuration
from waypost.model.identifiers import NO_SPACE, SpaceId
from waypost.model.message.destinations import Destination, Subject, destination
from waypost.model.message.message import Message
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Callback, CallbackState

# Bounds how long one transaction keeps a running service from writing.
_BATCH = 500


class Replay(NamedTuple):
    """What came of one callback.

    Attributes:
        callback_id: which.
        refused: why it was left as it is; empty when it waits again.
    """

    callback_id: int
    refused: str = ""


class _Addressed(msgspec.Struct):
    to: str = msgspec.field(name="To", default="")
    channel: str = msgspec.field(name="WaypostChannel", default="")
    space: SpaceId = msgspec.field(name="CustSpaceId", default=NO_SPACE)


async def replay(store: Store, callback_ids: Sequence[int], now: int) -> list[Replay]:
    """Makes callbacks wait again, each for where its account or sender has it go now, in their order.

    Args:
        now: milliseconds UTC.
    """
    configuration = Configuration(await store.entries())
    ordered = sorted(set(callback_ids))
    done: list[Replay] = []
    for first in range(0, len(ordered), _BATCH):
        part = ordered[first : first + _BATCH]

        def change(transaction: Transaction, part: Sequence[int] = part) -> list[Replay]:
            return [Replay(each, republish(transaction, configuration, each, now)) for each in part]

        done += await store.transact(change)
    return done


def republish(transaction: Transaction, configuration: Configuration, callback_id: int, now: int) -> str:
    """Makes a callback wait again, and puts it in its queue again; why it was left as it is, or nothing."""
    callback = transaction.callback(callback_id)
    if callback is None:
        return "there is no such callback"
    if callback.state is CallbackState.WAITING:
        return "it is waiting already"
    message = transaction.message(callback.message_id) if callback.message_id else None
    where = current_destination(configuration, callback, message)
    if not where.url and not where.queue:
        return f"account {callback.account_id} has no URL for {callback.kind}"
    if where.url:
        transaction.replay_callback(callback, where.url, now)
    if where.queue:
        transaction.queues.add(where.queue, callback.body, now)
    return ""


def current_destination(
    configuration: Configuration, callback: Callback, message: Message | None
) -> Destination:
    """Where a callback would go now.

    Args:
        message: the one it is about; None for an inbound one.
    """
    if message is not None:
        subject = Subject.of(message)
    else:
        addressed = msgspec.json.decode(callback.body, type=_Addressed)
        subject = Subject(callback.account_id, addressed.space, addressed.channel, addressed.to)
    return destination(configuration, subject, callback.kind)
