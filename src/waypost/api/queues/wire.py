"""The XML of the queue service, out and in, and its receipt handles.

Forms: the official client `aliyun-mns-sdk`, `mns_xml_handler.py`. Bodies are base64, which the consumers of
the sibling products' receipt queues decode (the client does so by default).
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from waypost.api.queues.errors import QueueError
from waypost.storage.records import QueueMessage

NAMESPACE = "http://mns.aliyuncs.com/doc/v1/"
_PRIORITY = 8
_HANDLE = re.compile(r"1-([0-9]{1,18})-([0-9]{1,9})")


class ReceiptHandle(NamedTuple):
    """What a receive hands out, with which the message can be deleted or hidden until it is received again.

    Attributes:
        id: the message's.
        turn: counts how often it was received or hidden; only the handle of the latest turn is good.
    """

    id: int
    turn: int

    def __str__(self) -> str:
        return f"1-{self.id}-{self.turn}"


def parse_handle(text: str) -> ReceiptHandle:
    """Reads a receipt handle, `1-<message id>-<turn>`.

    Raises:
        QueueError: ReceiptHandleError, this service never wrote it.
    """
    match = _HANDLE.fullmatch(text)
    if match is None:
        raise QueueError("ReceiptHandleError")
    return ReceiptHandle(int(match[1]), int(match[2]))


def handles_of_body(body: bytes, most: int) -> list[str]:
    """The receipt handles, as texts, that the body of a BatchDeleteMessage holds.

    Raises:
        QueueError: MalformedXML; InvalidArgument, there are none or more than `most`.
    """
    # Entities are of no use here and a well-known way to make a short document long.
    if b"<!" in body:
        raise QueueError("MalformedXML")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise QueueError("MalformedXML") from None
    handles = [(one.text or "").strip() for one in root if one.tag.rpartition("}")[2] == "ReceiptHandle"]
    if not 1 <= len(handles) <= most:
        raise QueueError("InvalidArgument", f"ReceiptHandles must hold 1 to {most} of them.")
    return handles


def messages_xml(messages: Iterable[QueueMessage], *, batch: bool, peeked: bool) -> str:
    """The answer of ReceiveMessage and PeekMessage.

    Args:
        batch: whether it is one of the operations that answer several.
        peeked: whether the messages were only looked at, and so have no receipt handles.
    """
    rows = [_message_fields(message, peeked=peeked) for message in messages]
    if batch:
        return _document("Messages", "".join(_element("Message", fields) for fields in rows))
    return _document("Message", _fields(rows[0]))


def _message_fields(message: QueueMessage, *, peeked: bool) -> dict[str, object]:
    body = base64.b64encode(message.body.encode()).decode()
    fields: dict[str, object] = {
        "MessageId": f"{message.id:016X}-{message.enqueued_at:X}",
        "MessageBodyMD5": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest().upper(),
        "MessageBody": body,
        "EnqueueTime": message.enqueued_at,
        "FirstDequeueTime": message.first_received_at or 0,
        "DequeueCount": message.received,
        "Priority": _PRIORITY,
    }
    if not peeked:
        fields["ReceiptHandle"] = ReceiptHandle(message.id, message.turn)
        fields["NextVisibleTime"] = message.visible_at
    return fields


def visibility_xml(handle: ReceiptHandle, until: int) -> str:
    """The answer of ChangeMessageVisibility.

    Args:
        handle: the message's new one.
        until: when it is visible again, milliseconds UTC.
    """
    return _document("ChangeVisibility", _fields({"ReceiptHandle": handle, "NextVisibleTime": until}))


def attributes_xml(attributes: Mapping[str, object]) -> str:
    """The answer of GetQueueAttributes."""
    return _document("Queue", _fields(attributes))


def queues_xml(queues: Iterable[Mapping[str, object]], next_marker: str) -> str:
    """The answer of ListQueue.

    Args:
        next_marker: where the next call goes on; empty at the end.
    """
    inner = "".join(_element("Queue", queue) for queue in queues)
    if next_marker:
        inner += _fields({"NextMarker": next_marker})
    return _document("Queues", inner)


def error_xml(error: QueueError, request_id: str, host: str) -> str:
    """The answer to a request that is refused; `host` is the host that the caller used."""
    fields = {"Code": error.code, "Message": error.message, "RequestId": request_id, "HostId": host}
    return _document("Error", _fields(fields))


def delete_errors_xml(errors: Mapping[str, QueueError]) -> str:
    """The answer of a BatchDeleteMessage that did not delete all, by receipt handle."""
    inner = "".join(
        _element(
            "Error",
            {"ErrorCode": error.code, "ErrorMessage": error.message, "ReceiptHandle": handle},
        )
        for handle, error in errors.items()
    )
    return _document("Errors", inner)


def _document(name: str, inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">{inner}</{name}>'


def _element(name: str, fields: Mapping[str, object]) -> str:
    return f"<{name}>{_fields(fields)}</{name}>"


def _fields(fields: Mapping[str, object]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
