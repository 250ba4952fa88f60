"""Which operation a request to the queue service is, and who makes it."""

import hmac
import re
from base64 import b64encode
from calendar import timegm
from collections.abc import Mapping
from email.utils import parsedate
from hashlib import md5
from typing import NamedTuple
from urllib.parse import unquote

from waypost.api.caller import Caller
from waypost.api.errors.catalogue import ApiError
from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.api.queues.errors import QueueError
from waypost.api.signatures import mns
from waypost.api.signatures.checks import KeyRing, usable_key
from waypost.api.throttle import FailedSignatures

_PATH = re.compile(r"/queues(?:/(?P<queue>[^/]+)(?P<messages>/messages)?)?/?")

# By what is called and the method; the query tells some of them further apart.
_LIST = {"GET": "ListQueue"}
_QUEUE = {"GET": "GetQueueAttributes", "PUT": "CreateQueue", "DELETE": "DeleteQueue"}
_MESSAGES = {
    "GET": "ReceiveMessage",
    "PUT": "ChangeMessageVisibility",
    "DELETE": "BatchDeleteMessage",
    "POST": "SendMessage",
}

QUEUE_ACTIONS = tuple(
    f"mns:{operation}"
    for operation in (
        *_LIST.values(),
        *_QUEUE.values(),
        *_MESSAGES.values(),
        "SetQueueAttributes",
        "BatchReceiveMessage",
        "PeekMessage",
        "BatchPeekMessage",
        "DeleteMessage",
    )
)
"""All operations, as policies and limits name them."""


class QueueCall(NamedTuple):
    """One HTTP request to the queue service, its body complete.

    Attributes:
        target: the path with its query, as sent.
        headers: by lower-case name.
        peer: the address it came from.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    peer: str

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters, names in lower case; a plus sign is a plus sign."""
        raw = self.target.partition("?")[2]
        parts = (part.partition("=") for part in raw.split("&") if part)
        return {unquote(name).lower(): unquote(value) for name, _, value in parts}


class QueueTarget(NamedTuple):
    """The operation that a request names, and the queue it is about.

    Attributes:
        operation: as the service's documents and its policies name it.
        queue: empty for none.
        place: the path, as the service's policies name what is touched.
    """

    operation: str
    queue: str
    place: str


def queue_operation(call: QueueCall) -> QueueTarget:
    """The operation a request names.

    Raises:
        QueueError: there is none.
    """
    found = _PATH.fullmatch(call.target.partition("?")[0])
    if found is None:
        raise QueueError("InvalidRequestURL")
    queue, query = unquote(found["queue"] or ""), call.query
    operations = _MESSAGES if found["messages"] else _QUEUE if queue else _LIST
    operation = operations.get(call.method)
    if operation is None:
        raise QueueError("InvalidRequestURL", f"{call.method} is not an operation here.")
    if operation == "ReceiveMessage":
        verb = "Peek" if query.get("peekonly", "").lower() == "true" else "Receive"
        operation = f"{'Batch' if 'numofmessages' in query else ''}{verb}Message"
    elif operation == "BatchDeleteMessage" and "receipthandle" in query:
        operation = "DeleteMessage"
    elif operation == "CreateQueue" and "metaoverride" in query:
        operation = "SetQueueAttributes"
    place = "/queues" + (f"/{queue}" if queue else "") + (found["messages"] or "")
    return QueueTarget(operation, queue, place)


def identify(call: QueueCall, keys: KeyRing, failed: FailedSignatures, now_s: float) -> Caller:
    """Who makes a request.

    Args:
        failed: limits how many wrong signatures are looked at.
        now_s: real time, Unix seconds.

    Raises:
        QueueError: that cannot be believed.
    """
    header = call.headers.get("authorization")
    if header is None:
        raise QueueError("MissingAuthorizationHeader")
    signed = mns.parse_authorization(header)
    if signed is None:
        raise QueueError("InvalidAuthorizationHeader")
    access_key_id, signature = signed
    _check_date(call.headers.get("date"), now_s)
    try:
        key = usable_key(keys, access_key_id, call.headers.get("security-token", ""), now_s)
    except ApiError as error:
        raise QueueError("InvalidAccessKeyId", f"{error.code}: {error.message}") from None
    text = mns.string_to_sign(call.method, call.headers, call.target)
    if not hmac.compare_digest(mns.sign(key.hmac_mns, text).encode(), signature.encode()):
        if failed.refuse(access_key_id, call.peer):
            raise QueueError("QpsLimitExceeded", "Too many calls with a wrong signature.")
        raise QueueError("SignatureDoesNotMatch")
    _check_body(call)
    assert isinstance(key.owner, Caller)
    return key.owner


def _check_date(text: str | None, now_s: float) -> None:
    if not text:
        raise QueueError("MissingDateHeader")
    parsed = parsedate(text)
    if parsed is None or not text.endswith("GMT"):
        raise QueueError("InvalidDateHeader")
    try:
        apart = abs(timegm(parsed) - now_s)
    except (ValueError, OverflowError):
        raise QueueError("InvalidDateHeader") from None
    if apart > CLOCK_TOLERANCE_S:
        raise QueueError("TimeExpired")


def _check_body(call: QueueCall) -> None:
    """A signature covers the body by its digest alone, which the service's documents leave to the caller; the
    official client writes it in hexadecimal."""
    claimed = call.headers.get("content-md5")
    digest = md5(call.body, usedforsecurity=False)
    right = {b64encode(digest.digest()).decode(), b64encode(digest.hexdigest().encode()).decode()}
    if claimed and claimed not in right:
        raise QueueError("InvalidDegist")
