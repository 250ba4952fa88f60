"""Cancels messages that are not with a provider yet: a campaign that was a mistake is stopped.

It is recorded first, so that whoever opens the store after a crash goes on with it. Then the legs end, in
the order in which they would be claimed and many times as fast as they could be sent: chunks are looked for
outside a transaction, and written in short ones, each of which asks again what is with no provider. What a
provider has is marked: nothing more is sent of it, no retry and no fallback. What follows for each
message is published in the ordinary way (`waypost.delivery.cancelling`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import NamedTuple, TypeVar

from waypost.model.identifiers import MessageId, first_of
from waypost.model.message.cancellation import CancelFilter, Cancellation
from waypost.model.message.lanes import TIMER_LANE, parse_dispatch_lane
from waypost.storage.backlogs import Place
from waypost.storage.cancellations import StartedChunk, StartedMessages, WaitingChunk, WaitingLegs
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Stage

C = TypeVar("C", WaitingChunk, StartedChunk)
G = TypeVar("G")

CHUNK = 2_000
"""How many legs are ended in one transaction, which takes some milliseconds."""


class Extent(NamedTuple):
    """How much a cancellation is about.

    Attributes:
        waiting: legs that it ends.
        with_provider: legs that a provider has, or may have; they are followed to their end, and no more.
    """

    waiting: int
    with_provider: int


def accepted_by_now(store: Store, now: int) -> MessageId:
    """An id above those of all messages that are accepted until now, milliseconds UTC."""
    return max(first_of(now + 1), MessageId(f"{store.latest_message_id()}0"))


async def survey(store: Store, filters: CancelFilter, now: int, *, chunk: int = CHUNK) -> Extent:
    """How much a cancellation would be about; nothing is changed."""
    before = accepted_by_now(store, now)
    waiting = 0
    for lane in await account_lanes(store, filters):
        async for legs in _waiting(store, filters, before, lane, chunk, queued=True):
            waiting += legs.size
    with_provider = 0
    async for messages in _started(store, filters, before, chunk):
        with_provider += sum(group.with_provider for group in messages)
    return Extent(waiting, with_provider)


async def carry_out(
    store: Store, cancellation: Cancellation, now: Callable[[], int], *, chunk: int = CHUNK
) -> Extent:
    """Ends the legs of a recorded cancellation that are with no provider, and marks the other messages;
    may be repeated, and be done by several at once.

    Returns:
        How many were ended here, and how many are left because a provider has them.

    Raises:
        StoreUnavailableError: the database is away; what was done before is done.
    """
    total = ended = await _end_once(store, cancellation, now, chunk, queued=False)
    while ended:
        # What was being accepted, or was being refused by a provider, may have come behind the walk.
        ended = await _end_once(store, cancellation, now, chunk, queued=True)
        total += ended
    kept = await _mark_started(store, cancellation, chunk)
    await store.transact(lambda transaction: transaction.cancellations.end(cancellation.id, kept, now()))
    return Extent(total, kept)


async def account_lanes(store: Store, filters: CancelFilter) -> list[str]:
    """The lanes of the dispatch stage that the account's messages wait in."""
    lanes = await store.lanes(Stage.DISPATCH)
    return [lane for lane, _ in lanes if parse_dispatch_lane(lane).account_id == filters.account_id]


async def _end_once(
    store: Store, cancellation: Cancellation, now: Callable[[], int], chunk: int, *, queued: bool
) -> int:
    """Ends what waits; returns how many legs that were. Whether a leg is still queued is looked at when it is
    ended, and before that only if `queued` is true."""
    total = 0
    for lane in await account_lanes(store, cancellation.filter):
        chunks = _waiting(store, cancellation.filter, cancellation.before, lane, chunk, queued=queued)

        def end(legs: WaitingLegs, transaction: Transaction) -> int:
            return transaction.cancellations.end_legs(cancellation.id, legs, now())

        async for ended in _written(store, chunks, end):
            total += ended
    return total


async def _mark_started(store: Store, cancellation: Cancellation, chunk: int) -> int:
    """Marks the messages that are followed; returns how many legs a provider has."""
    chunks = _started(store, cancellation.filter, cancellation.before, chunk)

    def mark(messages: list[StartedMessages], transaction: Transaction) -> int:
        transaction.cancellations.mark(messages)
        return sum(group.with_provider for group in messages)

    with_provider = 0
    async for more in _written(store, chunks, mark):
        with_provider += more
    return with_provider


async def _written(
    store: Store, chunks: AsyncIterator[G], change: Callable[[G, Transaction], int]
) -> AsyncIterator[int]:
    """Changes chunks in a transaction each; yields what `change` returned.

    While a chunk is written the next one is in line already, so that the calls that wait by then share its
    flush and need none of their own.
    """
    under_way: asyncio.Future[int] | None = None
    try:
        async for chunk in chunks:
            following = store.transact(partial(change, chunk))
            under_way, before = following, under_way
            if before is not None:
                yield await before
        if under_way is not None:
            yield await under_way
    finally:
        if under_way is not None:
            # What came of it is known by the error of the one before.
            await asyncio.wait([under_way])
            under_way.exception()


async def _waiting(
    store: Store, filters: CancelFilter, before: MessageId, lane: str, chunk: int, *, queued: bool
) -> AsyncIterator[WaitingLegs]:
    """The legs of a lane in chunks."""
    for shard in range(store.shards):

        def look(after: Place, shard: int = shard) -> WaitingChunk:
            reader = store.cancellations
            return reader.waiting(filters, before, lane, after, chunk, shard=shard, queued=queued)

        async for found in _looked_ahead(look):
            if found.legs.size:
                yield found.legs


async def _started(
    store: Store, filters: CancelFilter, before: MessageId, chunk: int
) -> AsyncIterator[list[StartedMessages]]:
    """The messages that are followed, in chunks."""

    def look(after: Place) -> StartedChunk:
        return store.cancellations.started(filters, before, TIMER_LANE, after, chunk)

    async for found in _looked_ahead(look):
        if found.messages:
            yield found.messages


async def _looked_ahead(look: Callable[[Place], C]) -> AsyncIterator[C]:
    """Chunks of a lane; the next one is looked for, in a thread, while a chunk is worked on."""
    looking: asyncio.Task[C] | None = asyncio.create_task(asyncio.to_thread(look, Place()))
    try:
        while looking is not None:
            found = await looking
            until = found.until
            looking = asyncio.create_task(asyncio.to_thread(look, until)) if until is not None else None
            yield found
    finally:
        if looking is not None:
            # It has the connection until it ends.
            await asyncio.wait([looking])
