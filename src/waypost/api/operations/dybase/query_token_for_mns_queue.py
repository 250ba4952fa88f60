"""QueryTokenForMnsQueue: issues temporary credentials that read one queue of the account.

The samples of the official service read receipts with them and never with an access key. Credentials expire
by real time, the time that signatures are checked against. Source: receipts.md, "How queue receipts are
really read".
"""

from datetime import datetime
from enum import Enum
from typing import Annotated

import msgspec

from waypost.api.description import Operation, Parameter, Params
from waypost.api.errors.catalogue import ApiError
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.messages.time_text import SHANGHAI
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.product import DYBASE
from waypost.api.security_token import issue_queue_credentials
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.message.statuses import INBOUND_KIND, STATUS_KIND
from waypost.model.queues import queue_name
from waypost.model.templates.review import AUDIT_KIND
from waypost.storage.secrets import SecretBox


class QueueKind(Enum):
    """The kinds of callbacks that have a queue."""

    STATUS = STATUS_KIND
    INBOUND = INBOUND_KIND
    AUDIT = AUDIT_KIND


class QueryTokenForMnsQueueParams(Params, frozen=True):
    """The queue."""

    message_type: Annotated[
        QueueKind, Parameter("MessageType", "The kind of receipts to read.", STATUS_KIND, required=True)
    ] = QueueKind.STATUS
    queue_name: Annotated[
        str,
        Parameter(
            "QueueName",
            "The queue: that of the account and of MessageType.",
            f"Alicom-Queue-1-{STATUS_KIND}",
            default="the account's queue of MessageType",
            invalid=codes.invalid("QueueName"),
        ),
    ] = ""


class MessageTokenRow(Answer, frozen=True):
    """Temporary credentials for a queue."""

    access_key_id: Annotated[str, member("Begins with STS.", "STS.Z1k0aq4m2zdQ8x1k0a")]
    access_key_secret: Annotated[str, member("Its secret.", "-")]
    security_token: Annotated[str, member("Goes with every request to the queue.", "CAIS...")]
    create_time: Annotated[str, member("When they were made, in Asia/Shanghai.", "2026-11-23 11:46:08")]
    expire_time: Annotated[str, member("When they are over, in Asia/Shanghai.", "2026-11-23 12:46:08")]


class QueryTokenForMnsQueueAnswer(Answer, frozen=True):
    """The answer with the credentials."""

    message_token: Annotated[
        MessageTokenRow, member("Sign requests to the queue with the first two, and send the third along.")
    ] = msgspec.field(name="MessageTokenDTO")


OPERATION = Operation(
    "QueryTokenForMnsQueue",
    "Gives temporary credentials for a queue SDK, with which the messages of one queue may be received, "
    "peeked at, hidden and deleted, and nothing else be done. They are over after `queues.token_duration` "
    "(an hour) by the machine's clock, or when the user who asked for them is removed. The version "
    "2018-05-01 is answered too.",
    QueryTokenForMnsQueueParams,
    QueryTokenForMnsQueueAnswer,
    errors=(codes.QUEUE_NOT_ENABLED,),
    ignored=OWNER_PARAMETERS,
    product=DYBASE,
)


def handle(
    request: Request[QueryTokenForMnsQueueParams], secret_box: SecretBox, queue_token_duration: int
) -> Result[QueryTokenForMnsQueueAnswer]:
    """Issues temporary credentials for a queue.

    Raises:
        ApiError: a parameter is invalid, the queue is not the account's, or nothing is put in it.
    """
    caller, params = request.caller, request.params
    queue = queue_name(caller.account_id, params.message_type.value)
    faults = []
    if params.queue_name not in ("", queue) and not request.faults:
        allowed = f"the queue of this account and MessageType is {queue}"
        code = codes.invalid("QueueName")
        faults.append(Fault(code, "QueueName", "is not allowed", allowed, params.queue_name))
    request.refuse(faults)
    if not any(settings.queue for settings in request.configuration.receipts_of(caller.account_id)):
        raise ApiError(codes.QUEUE_NOT_ENABLED, f"Nothing is put in {queue}.")
    now_s = int(request.origin.now_s)
    credentials = issue_queue_credentials(secret_box, caller, queue, now_s + queue_token_duration)
    row = MessageTokenRow(
        access_key_id=credentials.access_key_id,
        access_key_secret=credentials.secret,
        security_token=credentials.token,
        create_time=_shanghai_time(now_s),
        expire_time=_shanghai_time(credentials.ends_at),
    )
    return Result(QueryTokenForMnsQueueAnswer(message_token=row))


def _shanghai_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


ENDPOINT = Endpoint(OPERATION, handle)
