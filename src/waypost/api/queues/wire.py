"""Serialises and parses the XML and the receipt handles of the queue service.

Formats: the official client `aliyun-mns-sdk`, `mns_xml_handler.py`. Message bodies are base64, which
consumers of the receipt queues of the sibling products decode (the client does so by default).
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

# The documentation prints it with a slash at the end; the official Java client reads no error with it.
NAMESPACE = "http://mns.aliyuncs.com/doc/v1"
_PRIORITY = 8
_ENCODING = re.compile(r"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)""")
_HANDLE = re.compile(r"1-([0-9]{1,18})-([0-9]{1,9})")


class ReceiptHandle(NamedTuple):
    """The handle of a received message, for deleting or hiding it until it is received again.

    Attributes:
        id: the id of the message.
        turn: counts how often it was received or hidden; only the handle of the latest turn is valid.
    """

    id: int
    turn: int

    def __str__(self) -> str:
        return f"1-{self.id}-{self.turn}"


def parse_handle(text: str) -> ReceiptHandle:
    """Parses a receipt handle, `1-<message id>-<turn>`.

    Raises:
        QueueError: ReceiptHandleError, if this service did not issue it.
    """
    match = _HANDLE.fullmatch(text)
    if match is None:
        raise QueueError("ReceiptHandleError")
    return ReceiptHandle(int(match[1]), int(match[2]))


def handles_of_body(body: bytes, most: int) -> list[str]:
    """Parses the body of a BatchDeleteMessage, in UTF-8, into the texts of its receipt handles.

    Raises:
        QueueError: MalformedXML; InvalidArgument, if there are none or more than `most`.
    """
    try:
        # No other encoding can hide what is looked for: those with wider units have zeros, which the parser
        # would take for a sign of one.
        text = body.decode()
        declared = _ENCODING.match(text)
        # Entities are not needed here, and can expand a short document to a huge one.
        if "\0" in text or "<!" in text or (declared is not None and declared[1].lower() != "utf-8"):
            raise QueueError("MalformedXML")
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        raise QueueError("MalformedXML") from None
    handles = [(one.text or "").strip() for one in root if one.tag.rpartition("}")[2] == "ReceiptHandle"]
    if not 1 <= len(handles) <= most:
        raise QueueError("InvalidArgument", f"ReceiptHandles must hold 1 to {most} of them.")
    return handles


def messages_xml(messages: Iterable[QueueMessage], *, batch: bool, peeked: bool) -> str:
    """Serialises the answer of ReceiveMessage and PeekMessage.

    Args:
        batch: whether the operation answers a list.
        peeked: whether the messages were only peeked at, and so have no receipt handles.
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
    """Serialises the answer of ChangeMessageVisibility.

    Args:
        handle: the new handle of the message.
        until: when it is visible again, milliseconds UTC.
    """
    return _document("ChangeVisibility", _fields({"ReceiptHandle": handle, "NextVisibleTime": until}))


def attributes_xml(attributes: Mapping[str, object]) -> str:
    """Serialises the answer of GetQueueAttributes."""
    return _document("Queue", _fields(attributes))


def queues_xml(queues: Iterable[Mapping[str, object]], next_marker: str) -> str:
    """Serialises the answer of ListQueue.

    Args:
        next_marker: the marker of the next page; empty at the end.
    """
    inner = "".join(_element("Queue", queue) for queue in queues)
    if next_marker:
        inner += _fields({"NextMarker": next_marker})
    return _document("Queues", inner)


def error_xml(error: QueueError, request_id: str, host: str) -> str:
    """Serialises the answer to a refused request; `host` is the Host header of the request."""
    fields = {"Code": error.code, "Message": error.message, "RequestId": request_id, "HostId": host}
    return _document("Error", _fields(fields))


def delete_errors_xml(errors: Mapping[str, QueueError]) -> str:
    """Serialises the answer of a BatchDeleteMessage with failures; `errors` are by receipt handle."""
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
