"""The error codes of the queue service, which are not those of the API, and are answered in XML.

Codes, messages and statuses: https://www.alibabacloud.com/help/doc-detail/27501.html, odd spellings included;
the status of `QpsLimitExceeded` was not found on a published page, 503 is a guess.
"""

from typing import NamedTuple

from waypost.api.errors.catalogue import ApiError, SignatureMismatch
from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.model import codes


class QueueErrorCode(NamedTuple):
    """An entry of the error table.

    Attributes:
        status: the HTTP status.
        message: the literal first sentence of Message in the answer.
        when: its cause, for the documentation.
    """

    status: int
    message: str
    when: str


QUEUE_ERRORS = {
    "AccessDenied": QueueErrorCode(
        403,
        "The OwnerId that your Access Key Id associated to is forbidden for this operation.",
        "the user's policies do not allow it, the account has not the service, or it is what only Waypost "
        "does: to make, change, fill and remove queues",
    ),
    "InvalidAccessKeyId": QueueErrorCode(
        403,
        "The AccessKey Id you provided is not exist.",
        "the access key is unknown or switched off, or a temporary one that has no token or is over",
    ),
    "SignatureDoesNotMatch": QueueErrorCode(
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and "
        "signing method.",
        "the secret is another, or something changed the request on its way",
    ),
    "TimeExpired": QueueErrorCode(
        408,
        "The http request you sent is expired.",
        f"the Date is more than {CLOCK_TOLERANCE_S // 60} minutes off",
    ),
    "MissingAuthorizationHeader": QueueErrorCode(
        400, "Authorization header is required.", "the request is not signed"
    ),
    "InvalidAuthorizationHeader": QueueErrorCode(
        400, "The Authorization header format is invalid.", "it is not `MNS <AccessKeyId>:<signature>`"
    ),
    "MissingDateHeader": QueueErrorCode(400, "Date header is required.", "there is none"),
    "InvalidDateHeader": QueueErrorCode(400, "The Date header format is invalid.", "it is no HTTP date"),
    "InvalidDegist": QueueErrorCode(
        400, "The Content-MD5 you specified is invalid.", "the body is not the one that was signed"
    ),
    "InvalidRequestURL": QueueErrorCode(
        400, "Http request URL format invalid.", "there is no such operation on a queue"
    ),
    "InvalidArgument": QueueErrorCode(
        400, "The value of an argument is not allowed.", "the message says which"
    ),
    "MalformedXML": QueueErrorCode(400, "The XML you provided was not well-formed.", "of BatchDeleteMessage"),
    "MissingReceiptHandle": QueueErrorCode(400, "ReceiptHandle is required.", "there is none"),
    "MissingVisibilityTimeout": QueueErrorCode(400, "VisibilityTimeout is required.", "there is none"),
    "ReceiptHandleError": QueueErrorCode(
        400, "The receipt handle you provided is not valid.", "it was never one of this service"
    ),
    "MessageNotExist": QueueErrorCode(
        404,
        "Message not exist.",
        "there is nothing to receive; or the handle is stale: the message was deleted, is visible again, or "
        "was received or hidden anew",
    ),
    "QueueNotExist": QueueErrorCode(
        404, "The queue name you provided is not exist.", "the account has no queue of that name"
    ),
    "QpsLimitExceeded": QueueErrorCode(
        503, "The QPS limit of the queue is exceeded.", "more calls a second than the account's limit"
    ),
    "InternalError": QueueErrorCode(500, "Internal error.", "the service failed; call again"),
}


class QueueError(Exception):
    """A call is refused with a code of the table.

    Attributes:
        code, status, message: as answered; the details follow the literal message.
        mismatch: for a wrong signature, what the service expected to be signed; it is not answered.
    """

    def __init__(self, code: str, details: str = "", mismatch: SignatureMismatch | None = None) -> None:
        entry = QUEUE_ERRORS[code]
        self.code = code
        self.status = entry.status
        self.message = f"{entry.message} {details}".strip()
        self.mismatch = mismatch
        super().__init__(f"{code}: {self.message}")


def queue_error(error: ApiError) -> QueueError:
    """Converts an error of the gate to the code that the queue service has for it."""
    match error.code:
        case codes.LIMIT_CONTROL:
            return QueueError("QpsLimitExceeded", f"Call again in {error.headers['x-acs-retry-after']} ms.")
        case codes.SERVICE_UNAVAILABLE | codes.INTERNAL_ERROR:
            return QueueError("InternalError", error.details)
        case _:
            return QueueError("AccessDenied", f"{error.code}: {error.message}")
