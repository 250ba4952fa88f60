"""Finds the attempts that receipts are about: by our reference, by the provider's id, as the only one in
doubt, or by a watermark.

A receipt is only ever about attempts of the route that it came in by and, as far as it names sender and
recipient, of the same: who can speak for one provider cannot settle what another one carries.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from waypost.delivery.recent_messages import RecentMessages
from waypost.model.identifiers import MessageId, parse_reference
from waypost.model.message.leg import Attempt, AttemptOutcome
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind
from waypost.model.message.watermarks import LOOKS_BACK_MS, Sent, covered
from waypost.model.people import canonical_number
from waypost.storage.contract import Store
from waypost.storage.records import Correspondents, Watermark


class Match(msgspec.Struct):
    """What a receipt was matched with.

    Attributes:
        attempts: the attempts that it is about.
        may_precede: whether the attempt that it is about may still be under way.
    """

    attempts: Sequence[Attempt]
    may_precede: bool


async def match(store: Store, recent: RecentMessages, receipts: Sequence[Receipt]) -> list[Match]:
    """Matches each receipt, with a constant number of statements; none for attempts that are remembered."""
    by_reference = await _by_reference(store, receipts)
    ids = {(each.route, each.provider_id) for each in receipts if each.provider_id is not None}
    by_id = await _attempts_by_provider_id(store, recent, ids)
    named = [_named(each, by_reference, by_id) for each in receipts]
    if None in named:
        return await _match_unnamed(store, receipts, named)
    return [Match([attempt], True) for attempt in named if attempt is not None]


async def _match_unnamed(
    store: Store, receipts: Sequence[Receipt], named: Sequence[Attempt | None]
) -> list[Match]:
    """Matches receipts, some of which name no attempt.

    Args:
        named: the attempt that each receipt names.
    """
    people = [
        _correspondents(receipt)
        for receipt, attempt in zip(receipts, named, strict=True)
        if attempt is None and receipt.recipient is not None
    ]
    unanswered = await store.unanswered_attempts(people) if people else {}
    marks = [each for each in receipts if each.watermark is not None]
    behind = iter(await store.attempts_behind([_watermark(each) for each in marks]) if marks else ())
    matches = []
    for receipt, attempt in zip(receipts, named, strict=True):
        waiting = unanswered.get(_correspondents(receipt), [])
        if receipt.watermark is not None:
            candidates = [each for each in next(behind) if _may_settle(receipt, each)]
            matches.append(_covered(receipt.watermark, candidates, waiting))
            continue
        if attempt is None and receipt.reference is None:
            attempt = _in_doubt(receipt, waiting)
        matches.append(Match([attempt] if attempt is not None else [], may_precede=True))
    return matches


async def messages_answered(
    store: Store, recent: RecentMessages, inbounds: Sequence[Inbound]
) -> dict[tuple[str, str], MessageId]:
    """The messages that users' messages answer, by route and provider id, as far as they are ours and the
    users wrote to their sender."""
    senders = {(each.route, each.context_id): each.sender for each in inbounds if each.context_id}
    if not senders:
        return {}
    attempts = await _attempts_by_provider_id(store, recent, senders)
    return {
        key: attempt.message_id for key, attempt in attempts.items() if senders[key] in ("", attempt.sender)
    }


def _named(
    receipt: Receipt, by_reference: Mapping[str, Attempt], by_id: Mapping[tuple[str, str], Attempt]
) -> Attempt | None:
    """The attempt that a receipt names; None for one with a watermark, which is about several."""
    if receipt.watermark is not None:
        return None
    attempt = by_reference.get(receipt.reference) if receipt.reference is not None else None
    if attempt is None and receipt.provider_id is not None:
        # A relay, or another program that uses the account, may have put its own reference in place of ours.
        attempt = by_id.get((receipt.route, receipt.provider_id))
    return attempt if attempt is not None and _may_settle(receipt, attempt) else None


def _may_settle(receipt: Receipt, attempt: Attempt) -> bool:
    return (
        attempt.route == receipt.route
        and receipt.sender in (None, attempt.sender)
        and (receipt.recipient is None or _same_person(receipt.recipient, attempt.recipient))
    )


def _same_person(one: str, other: str) -> bool:
    return one == other or canonical_number(one) == canonical_number(other)


async def _attempts_by_provider_id(
    store: Store, recent: RecentMessages, ids: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Attempt]:
    """The attempts with these ids, by (route, id), of which those that are remembered are not read."""
    found = recent.attempts_by_provider_id(ids)
    if len(found) == len(ids):
        return found
    return found | await store.attempts_by_provider_id([key for key in ids if key not in found])


async def _by_reference(store: Store, receipts: Sequence[Receipt]) -> dict[str, Attempt]:
    places = {}
    for receipt in receipts:
        if receipt.reference is None:
            continue
        try:
            places[receipt.reference] = parse_reference(receipt.reference)
        except ValueError:
            continue
    if not places:
        return {}
    records = await store.load({message_id for message_id, _, _ in places.values()})
    found = {}
    for reference, (message_id, leg, number) in places.items():
        record = records.get(message_id)
        for attempt in record.attempts if record is not None else ():
            if attempt.leg == leg and attempt.attempt == number:
                found[reference] = attempt
    return found


def _in_doubt(receipt: Receipt, unanswered: Sequence[Attempt]) -> Attempt | None:
    """The oldest unanswered attempt, if all to the recipient are of one leg and its request has ended.

    A guess between two legs could mark a message as delivered that was not, and suppress its fallback.
    """
    if receipt.sender is None or receipt.recipient is None:
        return None
    if len({(attempt.message_id, attempt.leg) for attempt in unanswered}) != 1:
        return None
    oldest = unanswered[0]
    return oldest if oldest.outcome is AttemptOutcome.UNKNOWN else None


def _covered(watermark: int, behind: Sequence[Attempt], unanswered: Sequence[Attempt]) -> Match:
    """The attempts that a watermark covers; one that covers none may be for one whose response has not
    arrived."""
    sent = [Sent(attempt.started_at, attempt.ended_at) for attempt in behind]
    under_way = any(
        each.outcome is AttemptOutcome.UNDER_WAY and each.started_at <= watermark for each in unanswered
    )
    return Match([behind[index] for index in covered(watermark, sent)], may_precede=under_way)


def _correspondents(receipt: Receipt) -> Correspondents:
    return Correspondents(receipt.route, receipt.sender or "", receipt.recipient or "")


def _watermark(receipt: Receipt) -> Watermark:
    assert receipt.watermark is not None
    assert receipt.recipient is not None
    enough = "read" if receipt.kind is ReceiptKind.READ else "delivered"
    return Watermark(receipt.route, f"{receipt.recipient}:", receipt.watermark - LOOKS_BACK_MS, enough)
