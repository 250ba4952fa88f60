"""The XML of the queue service, out and in, and its receipt handles.

Forms: the official client `aliyun-mns-sdk`, `mns_xml_handler.py`. Bodies are base64, which the consumers of
the sibling products' receipt queues decode (the client does so unless told otherwise).
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


class Handle(NamedTuple):
    """What a receipt handle names: a message and a turn of it."""

    id: int
    turn: int

    def __str__(self) -> str:
        return f"1-{self.id}-{self.turn}"


def read_handle(text: str) -> Handle:
    """Reads a receipt handle.

    Raises:
        QueueError: it is none of ours.
    """
    found = _HANDLE.fullmatch(text)
    if found is None:
        raise QueueError("ReceiptHandleError")
    return Handle(int(found[1]), int(found[2]))


def read_handles(body: bytes, most: int) -> list[str]:
    """The receipt handles of a BatchDeleteMessage.

    Raises:
        QueueError: the body is not XML, or holds none or more than `most`.
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


def messages_xml(messages: Iterable[QueueMessage], *, many: bool, peeked: bool) -> str:
    """Received messages, or with `peeked` messages that were only looked at."""
    written = [_message(message, peeked=peeked) for message in messages]
    if many:
        inner = "".join(_element("Message", fields) for fields in written)
        return _document("Messages", inner)
    return _document("Message", _fields(written[0]))


def _message(message: QueueMessage, *, peeked: bool) -> dict[str, object]:
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
        fields["ReceiptHandle"] = Handle(message.id, message.turn)
        fields["NextVisibleTime"] = message.visible_at
    return fields


def hidden_xml(handle: Handle, until: int) -> str:
    """The answer of ChangeMessageVisibility."""
    return _document("ChangeVisibility", _fields({"ReceiptHandle": handle, "NextVisibleTime": until}))


def attributes_xml(attributes: Mapping[str, object]) -> str:
    """The answer of GetQueueAttributes."""
    return _document("Queue", _fields(attributes))


def queues_xml(queues: Iterable[Mapping[str, object]], next_marker: str) -> str:
    """The answer of ListQueue."""
    inner = "".join(_element("Queue", queue) for queue in queues)
    if next_marker:
        inner += _fields({"NextMarker": next_marker})
    return _document("Queues", inner)


def error_xml(error: QueueError, request_id: str, host: str) -> str:
    """An error."""
    told = {"Code": error.code, "Message": error.message, "RequestId": request_id, "HostId": host}
    return _document("Error", _fields(told))


def undeleted_xml(errors: Mapping[str, QueueError]) -> str:
    """What a BatchDeleteMessage did not delete, by receipt handle."""
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
