"""Replays callbacks: dead letters, and those that a receiver lost, are pushed again."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from waypost.model.configuration import Configuration
from waypost.model.identifiers import NO_SPACE, SpaceId
from waypost.model.message.destinations import Destination, Subject, destination
from waypost.model.message.message import Message
from waypost.model.redaction import is_redacted_callback
from waypost.storage.changes import ReplayCallback
from waypost.storage.contract import Store, Transaction
from waypost.storage.live_configuration import load_configuration
from waypost.storage.records import Callback, CallbackState

# Bounds how long a transaction blocks the writes of a running service.
_BATCH = 500

REDACTED = "its content was removed, by retention.content or by `waypost recipients erase`"
"""Why a callback is not replayed that has no content any more."""


class ReplayResult(NamedTuple):
    """The result of replaying a callback.

    Attributes:
        callback_id: the id of the callback.
        error: why it is not replayed; empty if it is.
    """

    callback_id: int
    error: str = ""


class _CallbackAddress(msgspec.Struct):
    to: str = msgspec.field(name="To", default="")
    channel: str = msgspec.field(name="WaypostChannel", default="")
    space: SpaceId = msgspec.field(name="CustSpaceId", default=NO_SPACE)


async def replay_callbacks(store: Store, callback_ids: Sequence[int], now: int) -> list[ReplayResult]:
    """Enqueues callbacks again, in order, each for the destination that is configured now.

    Args:
        now: milliseconds UTC.
    """
    configuration = await load_configuration(store)
    ordered = sorted(set(callback_ids))
    results: list[ReplayResult] = []
    for first in range(0, len(ordered), _BATCH):
        batch = ordered[first : first + _BATCH]

        def change(transaction: Transaction, batch: Sequence[int] = batch) -> list[ReplayResult]:
            return [ReplayResult(id_, republish(transaction, configuration, id_, now)) for id_ in batch]

        results += await store.transact(change)
    return results


def republish(transaction: Transaction, configuration: Configuration, callback_id: int, now: int) -> str:
    """Enqueues a callback again, and adds it to its queue again; returns why not, or an empty string."""
    callback = transaction.callback(callback_id)
    if callback is None:
        return "there is no such callback"
    if callback.state is CallbackState.WAITING:
        return "it is waiting already"
    if is_redacted_callback(callback.body):
        return REDACTED
    message = transaction.message(callback.message_id) if callback.message_id else None
    target = current_destination(configuration, callback, message)
    if not target.url and not target.queue:
        return f"account {callback.account_id} has no URL for {callback.kind}"
    if target.url:
        transaction.write(ReplayCallback(callback, target.url, now))
    if target.queue:
        transaction.queues.add(target.queue, callback.body, now)
    return ""


def current_destination(
    configuration: Configuration, callback: Callback, message: Message | None
) -> Destination:
    """The destination of a callback by the present configuration.

    Args:
        message: the message that the callback is about; None for an inbound one.
    """
    if message is not None:
        subject = Subject.of(message)
    else:
        address = msgspec.json.decode(callback.body, type=_CallbackAddress)
        subject = Subject(callback.account_id, address.space, address.channel, address.to)
    return destination(configuration, subject, callback.kind)
