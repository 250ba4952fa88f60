"""Serialises answers to JSON or XML in the form that the official clients parse.

JSON always has the content type `application/json;charset=utf-8`. XML has exactly `text/xml;charset=utf-8`,
without a space: the clients compare it as text, and parse anything else as JSON. Only V1 calls can request
XML.
"""

import enum
import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import msgspec

from waypost.api.errors.catalogue import ApiError
from waypost.api.http_messages import HttpAnswer
from waypost.api.signatures.scheme import Scheme
from waypost.model import codes

_JSON_HEADERS = (("content-type", "application/json;charset=utf-8"),)
_XML_HEADERS = (("content-type", "text/xml;charset=utf-8"),)
_XML_HEAD = "<?xml version='1.0' encoding='UTF-8'?>"
# XML 1.0 cannot represent these characters, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_.-]")

_NO_ENVELOPE: Mapping[str, str] = MappingProxyType({})

_encode_json = msgspec.json.Encoder().encode


class Format(enum.Enum):
    """The format of an answer."""

    JSON = "JSON"
    XML = "XML"


def answer_format(scheme: Scheme, params: Mapping[str, str]) -> Format:
    """The format of the answer: for V1 calls that of the parameter `Format`, in any case of letters.

    It is JSON without `Format`, and for all V3 calls.

    Raises:
        ApiError: InvalidParameter.Format, for a V1 call with any other format.
    """
    name = params.get("Format", "")
    if scheme is Scheme.V3 or not name:
        return Format.JSON
    try:
        return Format(name.upper())
    except ValueError:
        details = "Format must be JSON or XML."
        raise ApiError(codes.INVALID_FORMAT, details) from None


def success(
    answer: msgspec.Struct | Mapping[str, object],
    form: Format = Format.JSON,
    action: str = "",
    *,
    envelope: Mapping[str, str] = _NO_ENVELOPE,
) -> HttpAnswer:
    """Serialises the answer of an operation, HTTP 200.

    Args:
        answer: the members of the answer.
        form: JSON or XML.
        action: the operation, for the XML root `<Action>Response`.
        envelope: the first members: RequestId, and Code and Message where the product has them.
    """
    if form is Format.XML:
        members_by_name = {**envelope, **msgspec.to_builtins(answer)}
        return HttpAnswer(200, _XML_HEADERS, _xml(f"{action}Response", members_by_name))
    members = _encode_json(answer)
    if envelope:
        head = _encode_json(envelope)
        members = head[:-1] + b"," + members[1:] if members != b"{}" else head
    return HttpAnswer(200, _JSON_HEADERS, members)


def failure(
    error: ApiError, request_id: str, host_id: str, error_page_url: str, form: Format = Format.JSON
) -> HttpAnswer:
    """Serialises the answer to a call that is refused.

    Args:
        error: the error to answer.
        request_id: the id of the call.
        host_id: the `Host` header of the call.
        error_page_url: the page of this service that explains errors; code and request id are appended.
        form: JSON or XML; the XML root is `Error`.
    """
    query = urlencode({"q": error.code, "product": "cams", "requestId": request_id})
    body: dict[str, object] = {
        "RequestId": request_id,
        "HostId": host_id,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"{error_page_url}?{query}",
    }
    if error.access_denied_detail is not None:
        body["AccessDeniedDetail"] = error.access_denied_detail
    extra = tuple(error.headers.items())
    if form is Format.JSON:
        return HttpAnswer(error.status, _JSON_HEADERS + extra, _encode_json(body))
    return HttpAnswer(error.status, _XML_HEADERS + extra, _xml("Error", body))


def _xml(root: str, value: object) -> bytes:
    return (_XML_HEAD + _element(root, value)).encode()


def _element(name: str, value: object) -> str:
    """Serialises an XML element; a list becomes one element of that name per item, None becomes nothing."""
    if isinstance(value, list | tuple):
        return "".join([_element(name, item) for item in value])
    if value is None:
        return ""
    tag = _NOT_IN_NAME.sub("_", name)
    if not tag[:1].isalpha() and tag[:1] != "_":
        # A name in XML begins with a letter or _, but a key of a map can be a template variable of digits.
        tag = f"_{tag}"
    if isinstance(value, Mapping):
        inner = "".join([_element(str(key), item) for key, item in value.items()])
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = escape(_NOT_XML.sub("\ufffd", str(value)))
    return f"<{tag}>{inner}</{tag}>"
