"""Decides about a batch of messages and writes all of it, with a number of statements that does not grow
with it.

A decision is pure: it brings a `MessageProgress` on. It is made on the message as this process wrote it last,
if that is remembered, else as it is loaded. What it comes to is written if the message still has that
version; else the message is loaded and decided about again. A decision that fails by a fault of ours
fails alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import structlog

from waypost.delivery.context import DecisionContext, DeliveryContext
from waypost.delivery.message_progress import MessageProgress
from waypost.model.identifiers import MessageId, is_message_id, time_of
from waypost.model.message.message import Message
from waypost.storage.changes import Change, Finish, Postpone, Refusal
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import MessageRecord, Stage, Work

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
# How often it is tried again at most: 2 hours, and then hourly for a day.
_MAX_ERROR_RETRIES = 30
# The longest time to live of a message, and the wait for its receipt, in milliseconds.
_LONGEST_LIFE_MS = 28 * 86_400_000


async def decide_batch(
    store: Store,
    context: DeliveryContext,
    events: Mapping[MessageId, E],
    decide: Decide[E, R],
    *,
    refers_to: Callable[[Message], MessageId | None] | None = None,
) -> dict[MessageId, R | Refusal | Exception]:
    """Recalls or loads messages, decides about each, and writes what that comes to.

    Args:
        events: what happened to each message.
        refers_to: returns the other message that a decision about one looks at, if there is one; None if
            decisions look at no others.

    Returns:
        For each message what its decision returned once that is durable, why it was refused, or the fault
        that it failed by; nothing for a message that does not exist.

    Raises:
        StoreUnavailableError: nothing was written.
    """
    results: dict[MessageId, R | Refusal | Exception] = {}
    pending = dict(events)
    recent = context.recent
    remembered = {id_: record for id_ in pending if (record := recent.get(id_)) is not None}
    for _ in range(_MAX_ROUNDS):
        records = dict(remembered)
        if len(remembered) < len(pending):
            missing = [id_ for id_ in pending if id_ not in remembered]
            loaded, unreadable = await load_each(store, missing)
            records |= loaded
            for message_id, error in unreadable.items():
                if pending.pop(message_id, None) is not None:
                    results[message_id] = error
        if refers_to is not None:
            others = {id_ for record in records.values() if (id_ := refers_to(record.message))}
            records |= (await load_each(store, others - records.keys()))[0] if others else {}
        present = context.present()
        changes: list[Change] = []
        decided: list[tuple[MessageId, MessageProgress, R]] = []
        outdated: list[MessageId] = []
        for message_id, event in pending.items():
            record = records.get(message_id)
            if record is None:
                recent.forget(message_id)
                continue
            try:
                progress = MessageProgress(record, present)
                decision = decide(progress, event, present, records)
                changes.append(progress.take_change())
            except Exception as error:
                if message_id in remembered:
                    # It may only lack what another process wrote.
                    outdated.append(message_id)
                    continue
                log.exception("decision.failed", message_id=message_id)
                results[message_id] = error
            else:
                decided.append((message_id, progress, decision))
        try:
            outcomes = await store.apply(changes) if changes else []
        except StoreUnavailableError as error:
            if not results:
                raise
            # What was decided before is written: only the rest fails.
            return results | dict.fromkeys(pending, error)
        remembered = {}
        for (message_id, progress, decision), outcome in zip(decided, outcomes, strict=True):
            if outcome is Refusal.CHANGED:
                outdated.append(message_id)
            elif outcome is None:
                recent.note(progress.record())
                results[message_id] = decision
            else:
                if isinstance(outcome, Exception):
                    log.error("decision.not_written", message_id=message_id, exc_info=outcome)
                results[message_id] = outcome
        pending = {message_id: events[message_id] for message_id in outdated}
        if not pending:
            return results
    return results | dict.fromkeys(pending, Refusal.CHANGED)


async def load_each(
    store: Store, message_ids: Iterable[MessageId]
) -> tuple[dict[MessageId, MessageRecord], dict[MessageId, Exception]]:
    """Loads messages together; if one cannot be read, each by itself. Returns those that can be read, and the
    fault of each other one.

    Raises:
        StoreUnavailableError: nothing could be read.
    """
    ids = list(dict.fromkeys(message_ids))
    try:
        return await store.load(ids), {}
    except StoreUnavailableError:
        raise
    except Exception as error:
        if len(ids) == 1:
            log.exception("message.damaged", message_id=ids[0])
            return {}, {ids[0]: error}
    records: dict[MessageId, MessageRecord] = {}
    unreadable: dict[MessageId, Exception] = {}
    for message_id in ids:
        loaded, errors = await load_each(store, [message_id])
        records |= loaded
        unreadable |= errors
    return records, unreadable


async def postpone_failed(store: Store, works: Sequence[Work], now: int) -> None:
    """Lets work that failed by a fault of ours be tried again later, each time after a longer delay; after
    about a day it is logged and dropped.

    Args:
        now: milliseconds UTC.
    """
    await store.apply([_postponed(work, now) for work in works])


def _postponed(work: Work, now: int) -> Change:
    if _is_dead(work, now):
        log.error(
            "work.dead", stage=work.stage.value, lane=work.lane, message_id=work.message_id, tries=work.tries
        )
        return Change([Finish(work)], [work])
    delay = min(_FIRST_ERROR_RETRY_MS << min(work.tries, 10), _LAST_ERROR_RETRY_MS)
    return Change([Postpone(work, now + delay)], [work])


def _is_dead(work: Work, now: int) -> bool:
    """Whether work that fails by a fault of ours is given up.

    A submission is tried for as long as a message can live, because those that its provider refused for the
    moment are tries, too.
    """
    if work.stage is Stage.DISPATCH and is_message_id(work.message_id):
        return now - time_of(work.message_id) > _LONGEST_LIFE_MS
    return work.tries >= _MAX_ERROR_RETRIES


async def finish_orphans(store: Store, works: Sequence[Work]) -> None:
    """Removes work whose message does not exist any more."""
    await store.apply([Change([Finish(work)], [work]) for work in works])


def by_message(works: Iterable[Work]) -> dict[MessageId, list[Work]]:
    """Work by its message, in order."""
    grouped: dict[MessageId, list[Work]] = {}
    for work in works:
        grouped.setdefault(work.message_id, []).append(work)
    return grouped
