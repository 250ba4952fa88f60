"""Writes what arrives from outside to the store: accepted calls, and the reports of a webhook."""

from collections.abc import Iterable

from waypost.model.identifiers import NO_MESSAGE
from waypost.model.message.message import Message
from waypost.model.message.outcomes import Inbound, Receipt
from waypost.model.message.work import DispatchWork, ReceiptWork, TimerKind, TimerWork, encode
from waypost.storage.contract import Transaction
from waypost.storage.records import Stage

_DISPATCH_LEG_0 = encode(DispatchWork(0))
_FALLBACK_OF_LEG_0 = encode(TimerWork(TimerKind.FALLBACK, 0))


def accept_message(transaction: Transaction, message: Message) -> None:
    """Writes a message, enqueues its dispatch and, with FallBackDuration, the timer of its fallback.

    The timer is set here, not when the message is sent, so that it fires even if sending is blocked.
    """
    transaction.add_message(message)
    transaction.enqueue(Stage.DISPATCH, message.message_id, _DISPATCH_LEG_0, message.accepted_at)
    if message.fallback_due is not None:
        transaction.enqueue(Stage.TIMER, message.message_id, _FALLBACK_OF_LEG_0, message.fallback_due)


def accept_webhook(transaction: Transaction, reports: Iterable[Receipt | Inbound], now: int) -> None:
    """Enqueues the receipts and users' messages of a webhook."""
    for report in reports:
        work = ReceiptWork(receipt=report) if isinstance(report, Receipt) else ReceiptWork(inbound=report)
        transaction.enqueue(Stage.RECEIPT, NO_MESSAGE, encode(work), now)
