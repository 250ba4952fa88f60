"""One HTTP/1.1 connection to a provider, which carries one request at a time."""

import asyncio
import math
import socket
from typing import Protocol, cast

import httptools

from waypost.model.message.outcomes import Unknown
from waypost.outbound.content_coding import ContentCodingError, decode_content
from waypost.outbound.reply import RawHeaders, Reply, find_header

MAX_BODY_BYTES = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
# Of a body in small chunks most bytes are framing; chunk extensions and trailers are bounded by this alone.
_MAX_RESPONSE_BYTES = 1024 * 1024

_WAITING_FOR_HEAD, _IN_BODY, _COMPLETE = range(3)

_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None)
_TCP_ESTABLISHED = b"\x01"

NOT_HTTP = Unknown("no whole answer (ClientResponseError)")
CUT_OFF = Unknown("no whole answer (ClientPayloadError)")


class ConnectionOwner(Protocol):
    """What a connection reports to; the pool of its origin."""

    def watch(self, deadline: float) -> None:
        """Has `Connection.expire` called when a deadline on the loop's clock has passed."""

    def release(self, connection: "Connection") -> None:
        """The response is complete, and the connection can carry the next request."""

    def remove(self, connection: "Connection") -> None:
        """The connection is closed."""


class Connection(asyncio.Protocol):
    """A connection, after its TLS handshake if it has one.

    Args:
        owner: the pool of the connection.
        sock: the TCP socket of the connection.
        loop: the event loop of the connection.

    Attributes:
        deadline: the time on the loop's clock at which the connection expires: the time for the next read
            while a request is out, and the end of its idle time otherwise.
    """

    __slots__ = (
        "_body",
        "_future",
        "_head_only",
        "_headers",
        "_loop",
        "_owner",
        "_parser",
        "_phase",
        "_received",
        "_reusable",
        "_sock",
        "_status",
        "_timeout_s",
        "_total_deadline",
        "_transport",
        "deadline",
    )

    def __init__(self, owner: ConnectionOwner, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._owner = owner
        self._sock = sock
        self._loop = loop
        self._future: asyncio.Future[Reply | Unknown] | None = None
        self._headers: RawHeaders = []
        self._body: bytes | bytearray = b""
        self._phase = _COMPLETE
        self._reusable = True
        self._timeout_s = 0.0
        self.deadline = math.inf
        self._parser = httptools.HttpResponseParser(self)
        # Servers that are not exact about line ends, and fields with odd characters, are understood.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )

    async def exchange(
        self, request: bytes, *, timeout_s: float, started: float, head_only: bool = False
    ) -> Reply | Unknown:
        """Sends a request exactly once; from here on a failure is never a certain refusal.

        Args:
            request: the whole request as it is sent.
            timeout_s: seconds between any two reads of the response.
            started: when the request began, on the loop's clock; it ends after three times the timeout.
            head_only: whether the response has no body, because the method is HEAD.
        """
        self._future = future = self._loop.create_future()
        self._headers = []
        self._body = b""
        self._received = 0
        self._phase = _WAITING_FOR_HEAD
        self._head_only = head_only
        self._timeout_s = timeout_s
        self._total_deadline = started + 3 * timeout_s
        self.deadline = min(self._loop.time() + timeout_s, self._total_deadline)
        self._owner.watch(self.deadline)
        self._transport.write(request)
        try:
            result: Reply | Unknown = await future
            return result
        finally:
            # Cancelled. A response that came at the same moment has already set the connection free.
            if self._future is future:
                self._future = None
                self.abort()

    def is_usable(self) -> bool:
        """Whether the server has kept the connection open, as far as this machine knows.

        The state of the TCP connection shows a server's close that the event loop has not read yet.
        """
        if self._transport.is_closing():
            return False
        if _TCP_INFO is None:
            return True
        state: bytes = self._sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 1)
        return state == _TCP_ESTABLISHED

    def abort(self) -> None:
        """Closes the connection at once."""
        self._transport.abort()

    def expire(self) -> None:
        """Closes the connection because its deadline has passed; a request that is out is unknown."""
        if self._future is not None:
            self._resolve(Unknown(f"no answer within {self._timeout_s:g} s"))
        self.abort()

    def _resolve(self, result: Reply | Unknown) -> None:
        future, self._future = self._future, None
        if future is not None and not future.done():
            future.set_result(result)

    # The transport calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        # uvloop's transports are not subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parses a part of the response; bytes without a request out close the connection."""
        if self._future is None:
            self.abort()
            return
        if len(data) > MAX_HEAD_BYTES:
            for start in range(0, len(data), MAX_HEAD_BYTES):
                self.data_received(data[start : start + MAX_HEAD_BYTES])
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._reusable = False
            if self._phase != _COMPLETE:
                self._resolve(NOT_HTTP)
                self.abort()
                return
        if self._phase == _COMPLETE:
            self._complete()
        else:
            self._continue(len(data))

    def _continue(self, size: int) -> None:
        self._received += size
        if len(self._body) >= MAX_BODY_BYTES:
            self._reusable = False
            self._complete()
        elif self._received >= (MAX_HEAD_BYTES if self._phase == _WAITING_FOR_HEAD else _MAX_RESPONSE_BYTES):
            self._resolve(NOT_HTTP)
            self.abort()
        else:
            self.deadline = min(self._loop.time() + self._timeout_s, self._total_deadline)

    def _complete(self) -> None:
        body = self._body if len(self._body) <= MAX_BODY_BYTES else self._body[:MAX_BODY_BYTES]
        try:
            if coding := find_header(self._headers, b"content-encoding"):
                body = decode_content(coding, bytes(body), MAX_BODY_BYTES)
            result: Reply | Unknown = Reply(self._status, self._headers, bytes(body))
        except ContentCodingError:
            result = CUT_OFF
        self._resolve(result)
        if self._reusable:
            self._owner.release(self)
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the request that is out: its body may end with the connection, otherwise it is unknown."""
        if self._future is not None:
            if self._phase == _WAITING_FOR_HEAD:
                name = "ServerDisconnectedError" if exc is None else "ClientOSError"
                self._resolve(Unknown(f"connection lost before the answer ({name})"))
            elif exc is None and self._ends_with_connection():
                self._reusable = False
                self._complete()
            else:
                self._resolve(CUT_OFF)
        self._owner.remove(self)

    def _ends_with_connection(self) -> bool:
        coding = find_header(self._headers, b"transfer-encoding").lower()
        return not coding.endswith(b"chunked") and not find_header(self._headers, b"content-length")

    # The parser calls these. They ignore what follows a complete response.

    def on_message_begin(self) -> None:
        """A response after the one that was waited for makes the connection unusable."""
        if self._phase == _COMPLETE:
            self._reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collects a field of the head; trailers are ignored."""
        if self._phase == _WAITING_FOR_HEAD:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Ends the head; an interim response (1xx) is skipped."""
        if self._phase != _WAITING_FOR_HEAD:
            return
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._headers = []
            return
        self._status = status
        self._phase = _IN_BODY
        has_no_body = self._head_only or status in (101, 204, 304)
        if has_no_body and (self._head_only or self._has_framing()):
            # The parser would wait for the body that the fields announce.
            self._phase = _COMPLETE
            self._reusable = False

    def _has_framing(self) -> bool:
        return bool(
            find_header(self._headers, b"content-length") or find_header(self._headers, b"transfer-encoding")
        )

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
            self._reusable = self._parser.should_keep_alive()
