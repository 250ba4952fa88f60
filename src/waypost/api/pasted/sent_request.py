"""The text of an HTTP request, or a URL, as a request."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from waypost.api.pasted.not_a_request import NotARequestError
from waypost.api.request import Call

_REQUEST_LINE = re.compile(r"([A-Za-z]{3,10})[ \t]+(\S+)(?:[ \t]+HTTP/[0-9.]+)?[ \t]*")
# The line end before it is of the chunk before.
_CHUNK_SIZE = re.compile(rb"\n?([0-9A-Fa-f]{1,7})[ \t]*(?:\n|\Z)")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)")

_USUAL_PORTS = {"http": 80, "https": 443}


class SentRequest(NamedTuple):
    """A request, and where it went.

    Attributes:
        call: the request in the form that signatures are checked against.
        endpoint: `host` or `host:port`; empty if unknown.
        protocol: `http` or `https`; empty if unknown.
    """

    call: Call
    endpoint: str
    protocol: str


def request_to_url(method: str, url: str, headers: Mapping[str, str], body: str) -> SentRequest:
    """A request to a URL.

    Args:
        headers: lower-case name to value.

    Raises:
        NotARequestError: the URL has no host or is not of HTTP.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise NotARequestError(f"The URL cannot be read: {error}.") from None
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise NotARequestError("The URL must begin with http:// or https:// and have a host.")
    endpoint = parts.netloc.rpartition("@")[2]
    if port == _USUAL_PORTS[parts.scheme.lower()]:
        # No client names it in the header.
        endpoint = endpoint.rpartition(":")[0]
    return SentRequest(
        Call(
            method.upper(),
            unquote(parts.path) or "/",
            parts.query,
            {"host": endpoint, **headers},
            body.encode("utf-8", "surrogatepass"),
            "",
        ),
        endpoint,
        parts.scheme.lower(),
    )


def request_of_text(text: str) -> SentRequest:
    """A request as its text: a line with method and target, headers, an empty line and the body.

    Raises:
        NotARequestError: it has not that form.
    """
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise NotARequestError(
            "The text must begin with a request line such as `POST /?Action=... HTTP/1.1`, with `curl`, or "
            "with http:// or https://."
        )
    headers: dict[str, str] = {}
    for number, header in enumerate(lines, 2):
        field = _HEADER.fullmatch(header)
        if field is None:
            raise NotARequestError(f"Line {number} is no header of the form `name: value`.")
        headers[field[1].lower()] = field[2].strip()
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _joined_chunks(body)
    body = _of_length(body, headers.get("content-length", ""))
    target = line[2]
    if not target.startswith("/"):
        return request_to_url(line[1], target, headers, body)
    path, _, query = target.partition("?")
    call = Call(line[1].upper(), unquote(path), query, headers, body.encode("utf-8", "surrogatepass"), "")
    return SentRequest(call, headers.get("host", ""), "")


def _of_length(body: str, length: str) -> str:
    """The body without the line ends that a paste has added to it."""
    if length.isascii() and length.isdecimal() and len(length) < 9:
        shorter = body.encode("utf-8", "surrogatepass")[: int(length)].decode("utf-8", "ignore")
        return shorter if not body[len(shorter) :].strip() else body
    return body.rstrip("\n")


def _joined_chunks(body: str) -> str:
    """A chunked body without its lengths; one that is not in chunks as it is, since tools show it decoded."""
    encoded, pieces, at = body.encode("utf-8", "surrogatepass"), list[bytes](), 0
    while size := _CHUNK_SIZE.match(encoded, at):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(pieces).decode("utf-8", "surrogateescape")
        pieces.append(encoded[size.end() : size.end() + length])
        at = size.end() + length
    return body
