"""Callbacks told once more: a dead letter, or one a receiver lost, waits again to be pushed."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from waypost.model.destinations import Subject, destination
from waypost.model.directory import Directory
from waypost.model.message import Message
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Callback, CallbackState

# Bounds how long one transaction keeps a running service from writing.
_TOGETHER = 500


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
    space: str = msgspec.field(name="CustSpaceId", default="")


async def replay(store: Store, callback_ids: Sequence[int], now: int) -> list[Replay]:
    """Makes callbacks wait again, each for the URL its account or sender has now, in their order.

    Args:
        now: milliseconds UTC.
    """
    directory = Directory(await store.entries())
    ordered = sorted(set(callback_ids))
    done: list[Replay] = []
    for first in range(0, len(ordered), _TOGETHER):
        part = ordered[first : first + _TOGETHER]

        def change(transaction: Transaction, part: Sequence[int] = part) -> list[Replay]:
            return [_one(transaction, directory, callback_id, now) for callback_id in part]

        done += await store.transact(change)
    return done


def _one(transaction: Transaction, directory: Directory, callback_id: int, now: int) -> Replay:
    callback = transaction.callback(callback_id)
    if callback is None:
        return Replay(callback_id, "there is no such callback")
    if callback.state is CallbackState.WAITING:
        return Replay(callback_id, "it is waiting already")
    message = transaction.message(callback.message_id) if callback.message_id else None
    url = current_url(directory, callback, message)
    if not url:
        return Replay(callback_id, f"account {callback.account_id} has no URL for {callback.kind}")
    transaction.replay_callback(callback, url, now)
    return Replay(callback_id)


def current_url(directory: Directory, callback: Callback, message: Message | None) -> str:
    """Where a callback would go now; empty for nowhere.

    Args:
        message: the one it is about; None for an inbound one.
    """
    if message is not None:
        subject = Subject.of(message)
    else:
        addressed = msgspec.json.decode(callback.body, type=_Addressed)
        subject = Subject(callback.account_id, addressed.space, addressed.channel, addressed.to)
    return destination(directory, subject, callback.kind).url
