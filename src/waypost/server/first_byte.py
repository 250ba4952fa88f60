"""Plain HTTP and TLS on one port: the first byte of a connection decides."""

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

from waypost.config.certificate import CertificateError
from waypost.server.connections import Connections
from waypost.server.forwarded import plain_address
from waypost.server.http_deadlines import Phase, Progress
from waypost.server.http_protocol import HttpProtocol
from waypost.server.tls_connection import TlsConnection

# The type of a record that begins a handshake (RFC 8446, section 5.1); no request begins with it.
_HANDSHAKE = 0x16


class FirstByte(asyncio.Protocol):
    """A connection from which nothing was received yet. The transport of one with plain HTTP is handed over
    whole, so that this costs nothing from then on.

    Args:
        connections: what all connections of the server share.
        context: returns the certificate; called when a client begins TLS. It raises CertificateError.
    """

    def __init__(self, connections: Connections, context: Callable[[], ssl.SSLContext]) -> None:
        self._connections = connections
        self._context = context
        self._transport: asyncio.Transport
        self._peer = ""
        self._progress: Progress | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Closes a connection beyond the bounds at once."""
        # uvloop's transports are not asyncio.Transport by name.
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._peer = (plain_address(str(peer[0])) or str(peer[0])) if peer else ""
        if not self._connections.add(self, self._peer):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hands the connection on."""
        if self._transport.is_closing():
            return
        self._connections.remove(self)
        if data[0] == _HANDSHAKE:
            self._begin_tls(data)
            return
        http = HttpProtocol(self._connections)
        self._transport.set_protocol(http)
        http.connection_made(self._transport)
        http.data_received(data)

    def _begin_tls(self, data: bytes) -> None:
        try:
            context = self._context()
        except CertificateError as error:
            self._connections.log.warning("http.tls_failed", peer=self._peer, reason=str(error))
            self._transport.abort()
            return
        TlsConnection(self._connections, self._transport, context, self._peer).begin(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts it no more."""
        self._connections.remove(self)

    def shutdown(self) -> None:
        """Closes the connection."""
        self._transport.close()

    def check_progress(self, now_s: float) -> None:
        """Closes a connection that is not used."""
        if self._progress is None:
            self._progress = Progress(Phase.IDLE, 0, now_s)
        elif self._progress.is_overdue(0, now_s, self._connections.bounds):
            self._transport.close()

    def abort(self, reason: str) -> None:
        """Ends the connection at once."""
        self._connections.log.warning("http.aborted", peer=self._peer, reason=reason)
        self._transport.abort()
