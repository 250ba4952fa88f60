"""A request to the queue service, and which operation it is.

Paths, methods and parameters: the official client `aliyun-mns-sdk`, `mns_client.py`.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from waypost.api.queues.errors import QueueError

_PATH = re.compile(r"/queues(?:/(?P<queue>[^/]+)(?P<messages>/messages)?)?/?")

# By the path and the method; the query tells some of them further apart.
_OF_ACCOUNT = {"GET": "ListQueue"}
_OF_QUEUE = {"GET": "GetQueueAttributes", "PUT": "CreateQueue", "DELETE": "DeleteQueue"}
_OF_MESSAGES = {
    "GET": "ReceiveMessage",
    "PUT": "ChangeMessageVisibility",
    "DELETE": "BatchDeleteMessage",
    "POST": "SendMessage",
}

QUEUE_ACTIONS = tuple(
    f"mns:{operation}"
    for operation in (
        *_OF_ACCOUNT.values(),
        *_OF_QUEUE.values(),
        *_OF_MESSAGES.values(),
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
        path: as the service's policies name what is touched: `/queues/<queue>/messages`.
    """

    operation: str
    queue: str
    path: str


def queue_operation(call: QueueCall) -> QueueTarget:
    """The operation that a request names.

    Raises:
        QueueError: InvalidRequestURL, there is none.
    """
    match = _PATH.fullmatch(call.target.partition("?")[0])
    if match is None:
        raise QueueError("InvalidRequestURL")
    queue, query = unquote(match["queue"] or ""), call.query
    operations = _OF_MESSAGES if match["messages"] else _OF_QUEUE if queue else _OF_ACCOUNT
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
    path = "/queues" + (f"/{queue}" if queue else "") + (match["messages"] or "")
    return QueueTarget(operation, queue, path)
