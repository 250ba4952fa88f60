"""Requests to the queue service, and the operation of each.

Paths, methods and parameters: the official client `aliyun-mns-sdk`, `mns_client.py`.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from waypost.api.queues.errors import QueueError

_PATH = re.compile(r"/queues(?:/(?P<queue>[^/]+)(?P<messages>/messages)?)?/?")

_LONGEST_TARGET = 8192

# Operations by path and method; some are further distinguished by the query.
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
"""The actions of all operations, as named in policies and limits."""


class QueueCall(NamedTuple):
    """An HTTP request to the queue service, with its whole body.

    Attributes:
        target: the path with its query, as sent.
        headers: lower-case name to value.
        peer: the network address of the client.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    peer: str

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query, names in lower case; a plus sign is not decoded to a space."""
        raw = self.target.partition("?")[2]
        parts = (part.partition("=") for part in raw.split("&") if part)
        return {unquote(name).lower(): unquote(value) for name, _, value in parts}


class QueueTarget(NamedTuple):
    """The operation of a request, and the queue it refers to.

    Attributes:
        operation: the name of the operation in the documentation and in policies.
        queue: the name of the queue; empty for none.
        path: the resource in policies: `/queues/<queue>/messages`.
    """

    operation: str
    queue: str
    path: str


def queue_operation(call: QueueCall) -> QueueTarget:
    """Determines the operation of a request from its method, path and query.

    Raises:
        QueueError: InvalidRequestURL, if there is no such operation.
    """
    match = _PATH.fullmatch(call.target.partition("?")[0]) if len(call.target) <= _LONGEST_TARGET else None
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
