"""The receipt stage: matches receipts with legs and applies them, and accepts users' messages."""

from functools import partial

import structlog

from waypost.delivery.concurrency import gather_all
from waypost.delivery.context import DeliveryContext
from waypost.delivery.message_progress import MessageProgress
from waypost.messaging.publishing import publish
from waypost.model.channels import channel_named
from waypost.model.configuration import Sender
from waypost.model.fallback.decision import Trigger
from waypost.model.identifiers import NO_SPACE, parse_reference
from waypost.model.masking import mask_number
from waypost.model.message.destinations import Subject
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt, AttemptOutcome, LegEvent
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind
from waypost.model.message.statuses import INBOUND_KIND, inbound_object
from waypost.model.message.suppression import OptOutReason, Suppression, matched_stop_word
from waypost.model.message.watermarks import LOOKS_BACK_MS, Sent, covered
from waypost.model.message.work import decode_receipt
from waypost.storage.contract import Store, Transaction
from waypost.storage.inbound_messages import InboundMessage
from waypost.storage.records import Work
from waypost.storage.rows import encode as encode_json

log = structlog.get_logger()

_EVENTS = {
    ReceiptKind.SENT: LegEvent.RECEIPT_SENT,
    ReceiptKind.DELIVERED: LegEvent.RECEIPT_DELIVERED,
    ReceiptKind.READ: LegEvent.RECEIPT_READ,
    ReceiptKind.FAILED: LegEvent.RECEIPT_FAILED,
    ReceiptKind.EXPIRED: LegEvent.RECEIPT_EXPIRED,
}
_FAILURES = {
    ReceiptKind.FAILED: (SendFailure.UNDELIVERABLE, Trigger.FAILED_RECEIPT),
    ReceiptKind.EXPIRED: (SendFailure.EXPIRED, Trigger.EXPIRED_RECEIPT),
}


class Tracker:
    """Processes the rows of the receipt stage."""

    def __init__(self, store: Store, context: DeliveryContext) -> None:
        self._store = store
        self._context = context

    async def process(self, works: list[Work]) -> None:
        """Processes each receipt or message in its own transaction, in the order of arrival."""
        await gather_all(self._store.transact(partial(self._process_report, work)) for work in works)

    def _process_report(self, work: Work, transaction: Transaction) -> None:
        report = decode_receipt(work.body)
        if report.inbound is not None:
            self._accept_inbound(transaction, report.inbound)
            transaction.finish(work)
        elif report.receipt is not None and report.receipt.watermark is not None:
            self._apply_watermark(transaction, work, report.receipt, report.receipt.watermark)
        elif report.receipt is not None:
            attempt = _find_attempt(transaction, report.receipt)
            if attempt is None:
                self._retry_unmatched(transaction, work, report.receipt)
                return
            self._apply_receipt(transaction, attempt, report.receipt)
            transaction.finish(work)

    def _apply_receipt(self, transaction: Transaction, attempt: Attempt, receipt: Receipt) -> None:
        message = transaction.message(attempt.message_id)
        assert message is not None
        if attempt.provider_id is None and receipt.provider_id is not None:
            attempt.provider_id = receipt.provider_id
            transaction.put_attempt(attempt)
        progress = MessageProgress(transaction, self._context, message)
        leg = progress.leg(attempt.leg)
        reason = f"{receipt.code} {receipt.text}".strip()
        progress.note(leg, "receipt", f"receipt: {receipt.kind.value}{f' ({reason})' if reason else ''}")
        failure, trigger = _FAILURES.get(receipt.kind, (None, None))
        leg = progress.apply(
            leg,
            _EVENTS[receipt.kind],
            at=receipt.at,
            failure=receipt.failure or failure,
            code=receipt.code,
            text=receipt.text,
        )
        if trigger is not None and not leg.state.delivered and not progress.next_leg_exists(leg):
            progress.fall_back(leg, trigger)

    def _apply_watermark(
        self, transaction: Transaction, work: Work, receipt: Receipt, watermark: int
    ) -> None:
        """Applies a receipt to all legs that its watermark covers."""
        assert receipt.recipient is not None
        behind = transaction.attempts_behind(
            receipt.route,
            f"{receipt.recipient}:",
            since=watermark - LOOKS_BACK_MS,
            read=receipt.kind is ReceiptKind.READ,
        )
        sent = [Sent(attempt.started_at, attempt.ended_at) for attempt in behind]
        covered_attempts = [behind[index] for index in covered(watermark, sent)]
        for attempt in covered_attempts:
            self._apply_receipt(transaction, attempt, receipt)
        if not covered_attempts and self._may_precede_response(transaction, work, receipt, watermark):
            schedule = self._context.settings.unmatched_receipt_schedule
            transaction.postpone(work, self._context.clock.now() + int(schedule[work.tries] * 1000))
        else:
            transaction.finish(work)

    def _may_precede_response(
        self, transaction: Transaction, work: Work, receipt: Receipt, watermark: int
    ) -> bool:
        """Whether a watermark that covers no leg may be for an attempt whose response has not arrived yet."""
        if work.tries >= len(self._context.settings.unmatched_receipt_schedule):
            return False
        return any(
            attempt.outcome is AttemptOutcome.UNDER_WAY and attempt.started_at <= watermark
            for attempt in transaction.unanswered_attempts(
                receipt.route, receipt.sender or "", receipt.recipient or ""
            )
        )

    def _retry_unmatched(self, transaction: Transaction, work: Work, receipt: Receipt) -> None:
        """Postpones a receipt that matches no leg: it may overtake the response with its id. After the last
        retry it is logged and dropped."""
        schedule = self._context.settings.unmatched_receipt_schedule
        if work.tries < len(schedule):
            transaction.postpone(work, self._context.clock.now() + int(schedule[work.tries] * 1000))
            return
        log.warning(
            "receipt.unmatched",
            route=receipt.route,
            kind=receipt.kind.value,
            provider_id=receipt.provider_id,
            recipient=mask_number(receipt.recipient or ""),
        )
        transaction.finish(work)

    def _accept_inbound(self, transaction: Transaction, inbound: Inbound) -> None:
        now = self._context.clock.now()
        configuration = self._context.configuration()
        sender = configuration.sender_by_id(inbound.channel, inbound.sender)
        if sender is None and not inbound.sender:
            sender = configuration.only_sender_of(inbound.channel, inbound.route)
        if sender is None:
            log.warning("inbound.unknown_sender", route=inbound.route, sender=inbound.sender)
            return
        if not transaction.add_inbound(inbound.route, inbound.provider_id, now):
            return
        if channel_named(inbound.channel).free_window is not None:
            # A provider's clock that is ahead must not extend the window for free messages.
            transaction.put_last_inbound(inbound.channel, sender.id, inbound.user, min(inbound.at, now))
        self._update_suppressions(transaction, inbound, sender, now)
        space = configuration.space(sender.account_id, sender.space_id)
        subject = Subject(
            sender.account_id, space.id if space is not None else NO_SPACE, sender.channel, sender.id
        )
        transaction.inbound_messages.add(
            InboundMessage(
                account_id=sender.account_id,
                space_id=subject.space_id,
                channel=sender.channel,
                sender=sender.id,
                user=inbound.user,
                at=now,
                provider_id=inbound.provider_id,
                type=inbound.type,
                text=inbound.text,
            )
        )
        fields = inbound_object(inbound, sender.id, subject.space_id)
        body = encode_json(fields).decode()
        publish(transaction, configuration, subject, INBOUND_KIND, body, now=now)

    def _update_suppressions(
        self, transaction: Transaction, inbound: Inbound, sender: Sender, now: int
    ) -> None:
        """Adds a user who writes a stop word to the suppression list, removes one who writes a start word."""
        person = (sender.account_id, sender.channel, sender.id, inbound.user)
        if word := matched_stop_word(inbound.text, self._context.settings.stop_words):
            transaction.suppressions.add(
                Suppression(
                    account_id=sender.account_id,
                    channel=sender.channel,
                    sender=sender.id,
                    recipient=inbound.user,
                    reason=OptOutReason.STOP_WORD,
                    detail=word,
                    at=now,
                )
            )
        elif matched_stop_word(inbound.text, self._context.settings.start_words):
            transaction.suppressions.remove(*person, OptOutReason.STOP_WORD)


def _find_attempt(transaction: Transaction, receipt: Receipt) -> Attempt | None:
    """The attempt of a receipt: by our reference, by the provider's id, or as the only one in doubt."""
    if receipt.reference is not None:
        return _attempt_by_reference(transaction, receipt.reference)
    if receipt.provider_id is not None:
        attempt = transaction.attempt_by_provider_id(receipt.route, receipt.provider_id)
        if attempt is not None:
            return attempt
    if receipt.sender is None or receipt.recipient is None:
        return None
    return _attempt_in_doubt(transaction, receipt.route, receipt.sender, receipt.recipient)


def _attempt_by_reference(transaction: Transaction, reference: str) -> Attempt | None:
    try:
        message_id, leg, attempt = parse_reference(reference)
    except ValueError:
        return None
    attempts = transaction.attempts(message_id, leg)
    return attempts[attempt - 1] if 0 < attempt <= len(attempts) else None


def _attempt_in_doubt(transaction: Transaction, route: str, sender: str, recipient: str) -> Attempt | None:
    """The oldest unanswered attempt, if all to the recipient are of one leg and its request has ended.

    A guess between two legs could mark a message as delivered that was not, and suppress its fallback.
    """
    unanswered = transaction.unanswered_attempts(route, sender, recipient)
    if len({(attempt.message_id, attempt.leg) for attempt in unanswered}) != 1:
        return None
    oldest = unanswered[0]
    return oldest if oldest.outcome is AttemptOutcome.UNKNOWN else None
