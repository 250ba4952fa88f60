"""HTTP requests and answers as values: what the server passes to those who answer requests."""

from collections.abc import Callable

import msgspec


class HttpRequest(msgspec.Struct):
    """An HTTP request.

    Attributes:
        method: the HTTP method in upper case.
        path: the decoded path.
        query: the query string without `?`, still encoded.
        headers: names and values as sent, in their order.
        peer: the network address of the client; empty if unknown.
        secure: whether it came over TLS.
        body: the whole body, without chunked encoding; empty until it is received.
        is_too_long: whether the body is longer than the server accepts; it is then left out.
        longest_body: the most bytes that were accepted, if it is too long.
    """

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    peer: str = ""
    secure: bool = False
    body: bytes = b""
    is_too_long: bool = False
    longest_body: int = 0


class HttpAnswer(msgspec.Struct, frozen=True):
    """An HTTP answer.

    Attributes:
        status: the HTTP status.
        headers: names in lower case, and values.
        body: the bytes.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


NO_ANSWER = HttpAnswer(0, (), b"")
"""Closes the connection instead of an answer, as a network does that fails."""

Reply = Callable[[HttpAnswer], None]
"""Answers a request, once."""

Handler = Callable[[HttpRequest, Reply], None]
"""Answers a request whose body is received: calls `Reply` now or later, on the event loop's thread."""
