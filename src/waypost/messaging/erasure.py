"""Erases a person: what is known of them is removed while the service runs, in short transactions."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from waypost.model.identifiers import AccountId, MessageId
from waypost.model.people import addresses_of
from waypost.storage.contract import Store, Transaction
from waypost.storage.erasure import PersonTraces

T = TypeVar("T")

_BATCH = 50
_ABOVE_ALL_IDS = "A"


class ErasureReport(NamedTuple):
    """What was removed, as numbers of rows.

    Attributes:
        messages: whose content and numbers were removed; they stay in lists without them.
        callbacks: whose content was removed; they cannot be replayed any more.
        inbound_messages: what the person wrote.
        conversations: when they wrote last to a sender.
        spellings: how a provider writes their number.
        queue_messages, rejected_webhooks: that had their number.
        opt_outs: entries of the suppression list that have a hash in place of the number now.
        under_way: messages that are still to be sent or followed, or callbacks that are still to be pushed:
            they were left as they are.
    """

    messages: int = 0
    callbacks: int = 0
    inbound_messages: int = 0
    conversations: int = 0
    spellings: int = 0
    queue_messages: int = 0
    rejected_webhooks: int = 0
    opt_outs: int = 0
    under_way: int = 0


async def erase_person(store: Store, named: str, account_id: AccountId | None) -> ErasureReport:
    """Erases a person in whatever spelling. The store has to know the key of the hashes
    (`waypost.messaging.person_key`).

    Args:
        named: a phone number, with or without punctuation, or an id of a channel.
        account_id: the account that is meant; None for all, and for what belongs to none: conversations,
            spellings and rejected webhooks.
    """
    addresses = list(addresses_of(named))
    addresses = list(dict.fromkeys([*addresses, *await store.person_traces.other_addresses(addresses)]))
    await store.transact(lambda transaction: transaction.erasure.overwrite())
    traces = await store.person_traces.traces_of(addresses, account_id)
    busy = await asyncio.to_thread(store.retention.busy, _ABOVE_ALL_IDS)
    messages, callbacks, under_way = await _redact_messages(store, traces, busy)
    redacted, waiting = await _redact_callbacks(store, traces)
    queued = [trace.id for trace in traces.queued if trace.message_id not in under_way]

    def forget(transaction: Transaction) -> int:
        transaction.erasure.remove_sms_counts(addresses)
        return transaction.erasure.hash_opt_outs(addresses, account_id)

    await _remove(store, "inbound", traces.claims)
    return ErasureReport(
        messages=messages,
        callbacks=callbacks + redacted,
        inbound_messages=await _remove(store, "inbound_message", [(id_,) for id_ in traces.inbound_messages]),
        conversations=await _remove(store, "conversation", traces.conversations),
        spellings=await _remove(store, "address", traces.addresses),
        queue_messages=await _remove(store, "queue_message", [(id_,) for id_ in queued]),
        rejected_webhooks=await _remove(store, "rejected_webhook", [(id_,) for id_ in traces.webhooks]),
        opt_outs=await store.transact(forget),
        under_way=len(under_way) + waiting,
    )


async def _redact_messages(
    store: Store, traces: PersonTraces, busy: frozenset[MessageId]
) -> tuple[int, int, set[MessageId]]:
    """How many messages and callbacks have no content any more, and which messages are under way."""
    messages = callbacks = 0
    under_way: set[MessageId] = set()
    for batch in _batches(traces.message_ids):

        def redact(
            transaction: Transaction, batch: Sequence[MessageId] = batch
        ) -> tuple[tuple[int, int], list[MessageId]]:
            ages = [age for id_ in batch if (age := transaction.retention.age(id_)) is not None]
            ready = [
                age.message_id
                for age in ages
                if age.has_ended and not age.has_work and age.message_id not in busy
            ]
            return transaction.retention.redact(ready), [
                age.message_id for age in ages if age.message_id not in ready
            ]

        counts, left = await store.transact(redact)
        messages, callbacks = messages + counts[0], callbacks + counts[1]
        under_way.update(left)
    return messages, callbacks, under_way


async def _redact_callbacks(store: Store, traces: PersonTraces) -> tuple[int, int]:
    """How many callbacks of what the person wrote have no content any more, and how many are to be pushed."""
    redacted = waiting = 0
    for batch in _batches(traces.callbacks):

        def redact(transaction: Transaction, batch: Sequence[int] = batch) -> tuple[int, int]:
            rows = transaction.erasure.pushed_callbacks(batch)
            return transaction.retention.redact_callbacks(rows), len(batch) - len(rows)

        counts = await store.transact(redact)
        redacted, waiting = redacted + counts[0], waiting + counts[1]
    return redacted, waiting


async def _remove(store: Store, table: str, keys: Sequence[Sequence[object]]) -> int:
    return sum([await store.transact(partial(_removal, table, batch)) for batch in _batches(keys)])


def _removal(table: str, keys: Sequence[Sequence[object]], transaction: Transaction) -> int:
    return transaction.erasure.remove(table, keys)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[first : first + _BATCH] for first in range(0, len(items), _BATCH))
