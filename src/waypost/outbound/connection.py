"""One HTTP/1.1 connection to a provider, which carries one request at a time."""

import asyncio
import math
import re
import socket
from typing import Protocol, cast

from waypost.model.message.outcomes import Unknown
from waypost.outbound.reply import RawHeaders, Reply, find_header
from waypost.outbound.response_parser import ResponseParser

# Seconds that a connection without a request is kept at most. Servers close idle ones too, and a request that
# crosses that close is in doubt, so that it is closed a second before a server that says when it will.
_KEEP_ALIVE_S = 15.0
_KEEP_ALIVE_MARGIN_S = 1.0
_KEEP_ALIVE_TIMEOUT = re.compile(rb"timeout\s*=\s*\"?(\d{1,9})")

_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None)
_TCP_ESTABLISHED = b"\x01"


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
        "_future",
        "_keep_alive_s",
        "_loop",
        "_owner",
        "_parser",
        "_sock",
        "_timeout_s",
        "_total_deadline",
        "_transport",
        "deadline",
    )

    def __init__(self, owner: ConnectionOwner, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._owner = owner
        self._sock = sock
        self._loop = loop
        self._parser = ResponseParser()
        self._future: asyncio.Future[Reply | Unknown] | None = None
        self._timeout_s = 0.0
        self._keep_alive_s: float | None = None
        self.deadline = math.inf

    async def exchange(
        self, request: bytes, *, timeout_s: float, started: float, has_no_body: bool = False
    ) -> Reply | Unknown:
        """Sends a request exactly once; from here on a failure is never a certain refusal.

        Args:
            request: the whole request as it is sent.
            timeout_s: seconds between any two reads of the response.
            started: when the request began, on the loop's clock; it ends after three times the timeout.
            has_no_body: whether the response has no body, because the method is HEAD.
        """
        self._future = future = self._loop.create_future()
        self._parser.begin(has_no_body=has_no_body)
        self._timeout_s = timeout_s
        self._total_deadline = started + 3 * timeout_s
        self.deadline = min(self._loop.time() + timeout_s, self._total_deadline)
        self._owner.watch(self.deadline)
        try:
            self._transport.write(request)
            result: Reply | Unknown = await future
            return result
        except BaseException:
            # Cancelled. A response that came at the same moment has already set the connection free.
            if self._future is future:
                self._future = None
                self.abort()
            raise

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
        future = self._future
        if future is None:
            self.abort()
            return
        parser = self._parser
        result = parser.feed(data)
        if result is None:
            self.deadline = min(self._loop.time() + self._timeout_s, self._total_deadline)
            return
        self._future = None
        if not future.done():
            future.set_result(result)
        if not parser.is_reusable:
            self.abort()
            return
        if self._keep_alive_s is None:
            self._keep_alive_s = _keep_alive_s(parser.headers)
        self.deadline = self._loop.time() + self._keep_alive_s
        self._owner.release(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the request that is out: its body may end with the connection, otherwise it is unknown."""
        if self._future is not None:
            self._resolve(self._parser.end(is_clean=exc is None))
        self._owner.remove(self)


def _keep_alive_s(headers: RawHeaders) -> float:
    """How long to keep a connection, of a server that may say how long it will.

    Source: RFC 2068, section 19.7.1.
    """
    promised = _KEEP_ALIVE_TIMEOUT.search(find_header(headers, b"keep-alive").lower())
    if promised is None:
        return _KEEP_ALIVE_S
    return max(0.0, min(_KEEP_ALIVE_S, int(promised[1]) - _KEEP_ALIVE_MARGIN_S))
