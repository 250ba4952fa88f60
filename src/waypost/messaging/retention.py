"""Removes what has reached its age, a bounded batch at a time."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from waypost.model.identifiers import MessageId, first_of
from waypost.model.retention import LONGEST_WINDOW_MS, RetentionAges, cut_of
from waypost.storage.contract import Store, Transaction

BATCH = 100
"""How many messages, or rows of other kinds, are looked at in one transaction."""
PAUSE_S = 0.05
"""Between two batches, in real seconds, so that calls are hardly kept waiting."""

_Removal = Callable[[Transaction, Sequence[MessageId]], object]

_REMOVALS: dict[str, _Removal] = {
    "content": lambda transaction, ids: transaction.retention.redact(ids),
    "events": lambda transaction, ids: transaction.retention.remove_events(ids),
    "callbacks": lambda transaction, ids: transaction.retention.remove_callbacks(ids),
    "messages": lambda transaction, ids: transaction.retention.remove_messages(ids),
}
"""By the key of the age, what is done to messages that have reached it."""


class RetentionRound:
    """Removes all that has reached its age at one moment.

    Up to which message everything is done for an age stands in the database, as a fact: a message that is not
    done yet, because something happened to it lately or there is work for it, holds that up, and is looked
    at again in the next round.

    Args:
        now: milliseconds UTC.
        pause: real seconds between two batches.
    """

    def __init__(self, store: Store, ages: RetentionAges, now: int, *, pause: float = PAUSE_S) -> None:
        self._store = store
        self._ages = ages
        self._now = now
        self._pause = pause

    async def run(self) -> None:
        """Removes it; returns when nothing is left to do.

        Raises:
            StoreUnavailableError: the database is away; what was done before is done.
        """
        for key, removal in _REMOVALS.items():
            cut = cut_of(getattr(self._ages, key), self._now)
            if cut is not None:
                for shard in range(self._store.shards):
                    await self._walk_messages(f"retention.{key}.{shard}", shard, cut, removal)
        if (cut := cut_of(self._ages.content, self._now)) is not None:
            await self._redact_other_callbacks(cut)
            await self._repeat(_remove_sms_counts, cut)
        if (cut := cut_of(self._ages.callbacks, self._now)) is not None:
            await self._repeat(_remove_other_callbacks, cut)
        if (cut := cut_of(self._ages.inbound, self._now)) is not None:
            await self._repeat(_remove_inbound, cut)
            await self._repeat(_remove_conversations, min(cut, self._now - LONGEST_WINDOW_MS))

    async def _walk_messages(self, fact: str, shard: int, cut: int, removal: _Removal) -> None:
        before = first_of(max(cut, 0))
        after, walk_done = await self._store.fact(fact) or "", True
        busy = await asyncio.to_thread(self._store.retention.busy, before)

        def batch(transaction: Transaction, after: str, walk_done: bool) -> tuple[str, bool, bool]:
            """Treats the messages behind `after`; returns the last one looked at, whether all up to it are
            done, and whether there may be more."""
            ages = transaction.retention.ages(shard, after, before, BATCH)
            ready = [
                age.message_id
                for age in ages
                if age.last_change <= cut and not age.has_work and age.message_id not in busy
            ]
            removal(transaction, ready)
            if not ages:
                return after, walk_done, False
            if walk_done:
                done = ready
                for place, age in enumerate(ages):
                    if place == len(ready) or ready[place] != age.message_id:
                        done = ready[:place]
                        break
                if done:
                    transaction.set_fact(fact, done[-1])
                walk_done = len(done) == len(ages)
            return ages[-1].message_id, walk_done, len(ages) == BATCH

        more = True
        while more:
            after, walk_done, more = await self._store.transact(
                partial(batch, after=after, walk_done=walk_done)
            )
            await asyncio.sleep(self._pause if more else 0)

    async def _redact_other_callbacks(self, cut: int) -> None:
        fact, more = "retention.content.other", True
        while more:
            after = int(await self._store.fact(fact) or 0)

            def batch(transaction: Transaction, after: int = after) -> bool:
                done, more = transaction.retention.redact_other_callbacks(after, cut, BATCH)
                if done > after:
                    transaction.set_fact(fact, str(done))
                return more

            more = await self._store.transact(batch)
            await asyncio.sleep(self._pause if more else 0)

    async def _repeat(self, remove: Callable[[Transaction, int], int], cut: int) -> None:
        removed = BATCH
        while removed == BATCH:
            removed = await self._store.transact(lambda transaction: remove(transaction, cut))
            await asyncio.sleep(self._pause if removed == BATCH else 0)


def _remove_other_callbacks(transaction: Transaction, until: int) -> int:
    return transaction.retention.remove_other_callbacks(until, BATCH)


def _remove_sms_counts(transaction: Transaction, until: int) -> int:
    return transaction.retention.remove_sms_counts(until, BATCH)


def _remove_inbound(transaction: Transaction, until: int) -> int:
    return transaction.retention.remove_inbound(until, BATCH)


def _remove_conversations(transaction: Transaction, until: int) -> int:
    return transaction.retention.remove_conversations(until, BATCH)
