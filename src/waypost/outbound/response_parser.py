"""Parses the responses of one connection, each within bounds."""

import httptools

from waypost.model.message.outcomes import Unknown
from waypost.outbound.content_coding import ContentCodingError, decode_content
from waypost.outbound.reply import RawHeaders, Reply, find_header

MAX_BODY_BYTES = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
# Of a body in small chunks most bytes are framing; chunk extensions and trailers are bounded by this alone.
_MAX_RESPONSE_BYTES = 1024 * 1024

MAX_INTERIM = 8
"""Interim responses before a response; one more ends the request."""
MAX_FIELDS = 256
"""Fields of a head; one more ends the request."""

_IN_HEAD, _IN_BODY, _COMPLETE = range(3)

_NOT_HTTP = Unknown("no whole answer (ClientResponseError)")
_CUT_OFF = Unknown("no whole answer (ClientPayloadError)")


class TooManyHeadsError(Exception):
    """A server sends interim responses, or fields of a head, without end."""


class ResponseParser:
    """Parses one response after the other; `begin` precedes each.

    Attributes:
        is_reusable: whether the connection can carry another request after the response.
        headers: the fields of the response's head.
    """

    __slots__ = (
        "_body",
        "_has_no_body",
        "_interim",
        "_parser",
        "_phase",
        "_received",
        "_status",
        "headers",
        "is_reusable",
    )

    def __init__(self) -> None:
        self.headers: RawHeaders = []
        self.is_reusable = True
        self._phase = _COMPLETE
        self._status = 0
        self._parser = httptools.HttpResponseParser(self)
        # Servers that are not exact about line ends, and fields with odd characters, are understood.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )

    def begin(self, *, has_no_body: bool) -> None:
        """Expects a response.

        Args:
            has_no_body: whether the response has no body, because the request's method is HEAD.
        """
        self.headers = []
        self._body: bytes | bytearray = b""
        self._has_no_body = has_no_body
        self._received = 0
        self._interim = 0
        self._phase = _IN_HEAD

    def feed(self, data: bytes) -> Reply | Unknown | None:
        """Parses the next bytes of the connection.

        Returns:
            The reply; None if more bytes are needed; `Unknown` if the response is not HTTP, or its head is
            longer than 64 KiB. A body is complete when 64 KiB of it have come.
        """
        if len(data) > MAX_HEAD_BYTES:
            return self._feed_in_parts(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.is_reusable = False
            if self._phase != _COMPLETE:
                return _NOT_HTTP
        if self._phase == _COMPLETE:
            return self._result()
        self._received += len(data)
        if len(self._body) >= MAX_BODY_BYTES:
            self.is_reusable = False
            return self._result()
        if self._received >= (MAX_HEAD_BYTES if self._phase == _IN_HEAD else _MAX_RESPONSE_BYTES):
            self.is_reusable = False
            return _NOT_HTTP
        return None

    def _feed_in_parts(self, data: bytes) -> Reply | Unknown | None:
        for start in range(0, len(data), MAX_HEAD_BYTES):
            result = self.feed(data[start : start + MAX_HEAD_BYTES])
            if result is not None:
                self.is_reusable = self.is_reusable and start + MAX_HEAD_BYTES >= len(data)
                return result
        return None

    def end(self, *, is_clean: bool) -> Reply | Unknown:
        """The response when the connection has ended before it was complete.

        Args:
            is_clean: whether the server closed the connection, rather than that it broke.
        """
        self.is_reusable = False
        if self._phase == _IN_HEAD:
            error = "ServerDisconnectedError" if is_clean else "ClientOSError"
            return Unknown(f"connection lost before the answer ({error})")
        return self._result() if is_clean and not self._has_length() else _CUT_OFF

    def _result(self) -> Reply | Unknown:
        body = bytes(self._body[:MAX_BODY_BYTES])
        if coding := find_header(self.headers, b"content-encoding"):
            try:
                body = decode_content(coding, body, MAX_BODY_BYTES)
            except ContentCodingError:
                return _CUT_OFF
        return Reply(self._status, self.headers, body)

    def _has_length(self) -> bool:
        """Whether the head announces where the body ends; otherwise it ends with the connection."""
        if find_header(self.headers, b"content-length"):
            return True
        return find_header(self.headers, b"transfer-encoding").lower().endswith(b"chunked")

    # httptools calls these. What follows a complete response is ignored.

    def on_message_begin(self) -> None:
        """A response after the one that was expected makes the connection unusable."""
        if self._phase == _COMPLETE:
            self.is_reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collects a field of the head; trailers are ignored.

        Raises:
            TooManyHeadsError: there were too many; the parser turns it into its own error.
        """
        if self._phase == _IN_HEAD:
            if len(self.headers) >= MAX_FIELDS:
                raise TooManyHeadsError
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Ends the head; an interim response (1xx) is skipped.

        Raises:
            TooManyHeadsError: there were too many; the parser turns it into its own error.
        """
        if self._phase != _IN_HEAD:
            return
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self.headers = []
            self._interim += 1
            if self._interim > MAX_INTERIM:
                raise TooManyHeadsError
            return
        self._status = status
        self._phase = _IN_BODY
        if self._has_no_body or (status in (101, 204, 304) and self._has_length()):
            # The parser would wait for the body that the fields announce.
            self._phase = _COMPLETE
            self.is_reusable = False

    def on_body(self, body: bytes) -> None:
        """Collects a part of the body, of which not much more than the bound is kept."""
        if self._phase != _IN_BODY or len(self._body) >= MAX_BODY_BYTES:
            return
        if not self._body:
            self._body = body
        elif isinstance(self._body, bytearray):
            self._body += body
        else:
            self._body = bytearray(self._body) + body

    def on_message_complete(self) -> None:
        """Ends the response."""
        if self._phase == _IN_BODY:
            self._phase = _COMPLETE
            self.is_reusable = len(self._body) <= MAX_BODY_BYTES and self._parser.should_keep_alive()
