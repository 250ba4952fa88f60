"""Tells a customer something: a callback to be pushed or kept, and a message of a queue."""

from waypost.model.configuration import Configuration
from waypost.model.identifiers import NO_MESSAGE, MessageId
from waypost.model.message.destinations import Subject, destination
from waypost.storage.contract import Transaction
from waypost.storage.records import Callback, CallbackState


def publish(
    transaction: Transaction,
    configuration: Configuration,
    subject: Subject,
    kind: str,
    body: str,
    *,
    now: int,
    message_id: MessageId = NO_MESSAGE,
) -> None:
    """Writes what is told about the subject to wherever that goes now.

    Args:
        kind: `ChatAppStatus`, `ChatAppInbound` or `ChatAppAudit`.
        body: the object as JSON text.
        message_id: the message it is about; empty when it is about none.
    """
    where = destination(configuration, subject, kind)
    transaction.add_callback(
        Callback(
            message_id=message_id,
            account_id=subject.account_id,
            kind=kind,
            url=where.url,
            body=body,
            state=CallbackState.WAITING if where.url else CallbackState.STORED,
            created_at=now,
        )
    )
    if where.queue:
        transaction.queues.add(where.queue, body, now)
