"""Publishes callback events to customers: by push to a URL, in a queue, or only stored."""

from waypost.model.configuration import Configuration
from waypost.model.identifiers import NO_MESSAGE, MessageId
from waypost.model.message.destinations import Subject, destination
from waypost.storage.changes import Publish
from waypost.storage.records import Callback, CallbackState


def publication(
    configuration: Configuration,
    subject: Subject,
    kind: str,
    body: str,
    *,
    now: int,
    message_id: MessageId = NO_MESSAGE,
) -> Publish:
    """The command that publishes a callback event about the subject to the destination that is configured
    now.

    Args:
        kind: `ChatAppStatus`, `ChatAppInbound` or `ChatAppAudit`.
        body: the object as JSON text.
        message_id: the message that the event is about; empty for none.
    """
    target = destination(configuration, subject, kind)
    callback = Callback(
        message_id=message_id,
        account_id=subject.account_id,
        kind=kind,
        url=target.url,
        body=body,
        state=CallbackState.WAITING if target.url else CallbackState.STORED,
        created_at=now,
    )
    return Publish(callback, target.queue)
