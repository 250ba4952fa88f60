"""Finds the attempts that receipts are about: by our reference, by the provider's id, as the only one in
doubt, or by a watermark.

A receipt is only ever about attempts of the route that it came in by and, as far as it names sender and
recipient, of the same: who can speak for one provider cannot settle what another one carries.
"""

from collections.abc import Mapping, Sequence

from waypost.delivery.recent_messages import RecentMessages
from waypost.model.identifiers import MessageId, parse_reference
from waypost.model.message.leg import Attempt, AttemptOutcome
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind
from waypost.model.message.watermarks import LOOKS_BACK_MS, Sent, covered
from waypost.model.people import canonical_number
from waypost.storage.contract import Store
from waypost.storage.records import Correspondents, Watermark


class Match:
    """What a receipt was matched with.

    Attributes:
        attempts: the attempts that it is about.
        may_precede: whether the attempt that it is about may still be under way.
    """

    __slots__ = ("attempts", "may_precede")

    def __init__(self, attempts: Sequence[Attempt], *, may_precede: bool) -> None:
        self.attempts = attempts
        self.may_precede = may_precede


async def match(store: Store, recent: RecentMessages, receipts: Sequence[Receipt]) -> list[Match]:
    """Matches each receipt, with a constant number of statements; none for attempts that are remembered."""
    by_reference = await _by_reference(store, receipts)
    by_id = await _by_provider_id(store, recent, receipts)
    people = [
        _correspondents(each)
        for each in receipts
        if each.recipient is not None
        and (each.watermark is not None or _found(each, by_reference, by_id) is None)
    ]
    unanswered = await store.unanswered_attempts(people) if people else {}
    marks = [each for each in receipts if each.watermark is not None]
    behind = iter(await store.attempts_behind([_watermark(each) for each in marks]) if marks else ())
    matches = []
    for receipt in receipts:
        waiting = unanswered.get(_correspondents(receipt), [])
        if receipt.watermark is not None:
            candidates = [each for each in next(behind) if _may_settle(receipt, each)]
            matches.append(_covered(receipt.watermark, candidates, waiting))
            continue
        attempt = _found(receipt, by_reference, by_id)
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
    found = {key: recent.attempt_by_provider_id(*key) for key in senders}
    missing = [key for key, attempt in found.items() if attempt is None]
    stored = await store.attempts_by_provider_id(missing) if missing else {}
    attempts = {key: attempt or stored.get(key) for key, attempt in found.items()}
    return {
        key: attempt.message_id
        for key, attempt in attempts.items()
        if attempt is not None and senders[key] in ("", attempt.sender)
    }


def _found(
    receipt: Receipt, by_reference: Mapping[str, Attempt], by_id: Mapping[tuple[str, str | None], Attempt]
) -> Attempt | None:
    attempt = by_reference.get(receipt.reference) if receipt.reference is not None else None
    if attempt is None:
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


async def _by_provider_id(
    store: Store, recent: RecentMessages, receipts: Sequence[Receipt]
) -> dict[tuple[str, str | None], Attempt]:
    found: dict[tuple[str, str | None], Attempt] = {}
    missing: list[tuple[str, str]] = []
    for receipt in receipts:
        if receipt.provider_id is None:
            continue
        attempt = recent.attempt_by_provider_id(receipt.route, receipt.provider_id)
        if attempt is None:
            missing.append((receipt.route, receipt.provider_id))
        else:
            found[receipt.route, receipt.provider_id] = attempt
    return found | await store.attempts_by_provider_id(missing) if missing else found


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
