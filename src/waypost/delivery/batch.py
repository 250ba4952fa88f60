"""Decides about a batch of messages and writes all of it, with a number of statements that does not grow
with it.

A decision is pure: it brings a `MessageProgress` on. What it comes to is written if the message is still as
it was loaded; else the message is loaded and decided about again. A decision that fails by a fault of ours
fails alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import structlog

from waypost.delivery.context import DecisionContext, DeliveryContext
from waypost.delivery.message_progress import MessageProgress
from waypost.model.identifiers import MessageId
from waypost.storage.changes import Change, Finish, Postpone, Refusal
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import MessageRecord, Work

log = structlog.get_logger()

E = TypeVar("E")
R = TypeVar("R")

Decide = Callable[[MessageProgress, E, DecisionContext, Mapping[MessageId, MessageRecord]], R]
"""Brings a message on by its events. It gets all records that were loaded, for messages that refer to
others."""

# A message that changes under so many decisions in a row changes by a fault of ours.
_MAX_ROUNDS = 20
# The delays before work that failed by a fault of ours is tried again, in milliseconds: doubled each time.
_FIRST_ERROR_RETRY_MS = 60_000
_LAST_ERROR_RETRY_MS = 3_600_000


async def decide_batch(
    store: Store,
    context: DeliveryContext,
    events: Mapping[MessageId, E],
    decide: Decide[E, R],
    *,
    more: Iterable[MessageId] = (),
) -> dict[MessageId, R | Refusal | Exception]:
    """Loads messages, decides about each, and writes what that comes to.

    Args:
        events: what happened to each message.
        more: messages that are only read.

    Returns:
        For each message what its decision returned once that is durable, why it was refused, or the fault
        that it failed by; nothing for a message that does not exist.

    Raises:
        StoreUnavailableError: nothing was written.
    """
    results: dict[MessageId, R | Refusal | Exception] = {}
    pending = dict(events)
    for _ in range(_MAX_ROUNDS):
        records = await store.load([*pending, *more])
        present = context.present()
        changes: list[Change] = []
        decided: list[tuple[MessageId, R]] = []
        for message_id, event in pending.items():
            record = records.get(message_id)
            if record is None:
                continue
            try:
                progress = MessageProgress(record, present)
                decision = decide(progress, event, present, records)
                changes.append(progress.take_change())
            except Exception as error:
                log.exception("decision.failed", message_id=message_id)
                results[message_id] = error
            else:
                decided.append((message_id, decision))
        try:
            outcomes = await store.apply(changes) if changes else []
        except StoreUnavailableError as error:
            if not results:
                raise
            # What was decided before is written: only the rest fails.
            return results | dict.fromkeys(pending, error)
        pending = {}
        for (message_id, decision), outcome in zip(decided, outcomes, strict=True):
            if outcome is Refusal.CHANGED:
                pending[message_id] = events[message_id]
            elif outcome is None:
                results[message_id] = decision
            else:
                if isinstance(outcome, Exception):
                    log.error("decision.not_written", message_id=message_id, exc_info=outcome)
                results[message_id] = outcome
        if not pending:
            return results
    return results | dict.fromkeys(pending, Refusal.CHANGED)


async def postpone_failed(store: Store, works: Sequence[Work], now: int) -> None:
    """Lets work that failed by a fault of ours be tried again later, each time after a longer delay.

    Args:
        now: milliseconds UTC.
    """
    await store.apply([_postponed(work, now) for work in works])


def _postponed(work: Work, now: int) -> Change:
    delay = min(_FIRST_ERROR_RETRY_MS << min(work.tries, 10), _LAST_ERROR_RETRY_MS)
    return Change([Postpone(work, now + delay)], [work])


async def finish_orphans(store: Store, works: Sequence[Work]) -> None:
    """Removes work whose message does not exist any more."""
    await store.apply([Change([Finish(work)], [work]) for work in works])


def by_message(works: Iterable[Work]) -> dict[MessageId, list[Work]]:
    """Work by its message, in order."""
    grouped: dict[MessageId, list[Work]] = {}
    for work in works:
        grouped.setdefault(work.message_id, []).append(work)
    return grouped
