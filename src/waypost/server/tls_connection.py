"""A connection with TLS: HTTP on its inner side sees an ordinary transport."""

import asyncio
import ssl
from typing import Any

from waypost.server.connections import Connections
from waypost.server.http_deadlines import Phase, Progress
from waypost.server.http_protocol import HttpProtocol
from waypost.server.tls_session import TlsError, TlsSession

# More than that, and a handshake, waits for its turn, and is worked off in slices: each of its records costs
# the same, and a client chooses how short they are.
_SHORT = 4096
_SLICE = 8192


class TlsConnection(asyncio.Transport, asyncio.Protocol):
    """The protocol of a transport whose first byte began TLS, and the transport of the HTTP in it.

    Until the handshake is complete the connection counts by itself, and has as long for it as a request has
    for its head; from then on HTTP bounds it. A short request is decrypted and handed on at once. Nothing is
    read while the client does not read.

    asyncio's own TLS takes 256 KiB for every connection, and OpenSSL's sizes are bounded nowhere else.

    Args:
        connections: what all connections of the server share.
        transport: the outer side, with the bytes of TLS.
        context: the certificate.
        peer: the address of the client.
    """

    def __init__(
        self, connections: Connections, transport: asyncio.Transport, context: ssl.SSLContext, peer: str
    ) -> None:
        super().__init__()
        self._connections = connections
        self._outer = transport
        self._context = context
        self._peer = peer
        self._session = TlsSession(context)
        self._http: HttpProtocol | None = None
        self._progress: Progress | None = None
        self._received: bytes | memoryview = b""
        self._held = 0
        self._is_scheduled = False
        self._is_failed = False
        self._is_ended = False
        self._is_lost = False
        self._wants_data = True
        self._is_blocked = False

    def begin(self, data: bytes) -> None:
        """Takes over a transport from which `data` was received; it counts as a connection already."""
        self._outer.set_protocol(self)
        if self._connections.add(self, self._peer):
            self.data_received(data)
        else:
            self._outer.abort()

    # The protocol of the outer side.

    def data_received(self, data: bytes) -> None:
        """Decrypts what was received, or lets it wait for its turn."""
        if self._is_failed or self._is_ended:
            return
        if self._http is None or self._received or len(data) > _SHORT:
            self._received = bytes(self._received) + data if self._received else memoryview(data)
            self._read_or_pause()
            self._schedule()
        else:
            self._process(data)
        self._count_held()

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self._connections.turns.run_later(self)

    def go_on(self) -> None:
        """Goes on with what waits, since it is this connection's turn."""
        self._is_scheduled = False
        if self._is_failed or self._is_ended or not self._may_read:
            return
        data, self._received = self._received[:_SLICE], self._received[_SLICE:]
        if not self._received:
            # An empty view would hold all that was received.
            self._received = b""
        self._process(data)
        if self._received:
            self._schedule()
        self._read_or_pause()
        self._count_held()

    def _process(self, data: bytes | memoryview) -> None:
        """Hands on what was received, and sends what TLS itself has to."""
        try:
            plain = self._session.receive(data)
        except TlsError as error:
            self._fail(str(error))
            return
        if unsent := self._session.take_unsent():
            self._outer.write(unsent)
        if self._http is None:
            if not self._session.is_established:
                return
            self._open_http()
        # Before HTTP counts the same.
        self._count_held()
        if plain and self._http is not None:
            self._http.data_received(plain)
        if self._session.is_ended:
            self._end()

    def _open_http(self) -> None:
        self._connections.remove(self)
        self._http = HttpProtocol(self._connections)
        self._http.connection_made(self)

    def _fail(self, reason: str) -> None:
        self._is_failed = True
        self._received = b""
        self._connections.log.warning("http.tls_failed", peer=self._peer, reason=reason)
        if alert := self._session.take_unsent():
            self._outer.write(alert)
        self._outer.close()

    def _end(self) -> bool:
        """Passes on, once, that the client sends no more; returns whether it still gets answers."""
        if self._is_ended:
            return True
        self._is_ended = True
        if self._http is not None and self._http.eof_received():
            return True
        self.close()
        return False

    def eof_received(self) -> bool:
        """Keeps the connection as HTTP would."""
        return self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Passes it on."""
        self._connections.remove(self)
        self._connections.hold(self, 0)
        self._is_failed = self._is_lost = True
        self._received = b""
        if self._http is not None:
            self._http.connection_lost(exc)
            self._http = None

    def pause_writing(self) -> None:
        """Has nothing more read either: what TLS answers by itself would wait in memory, too."""
        self._is_blocked = True
        self._read_or_pause()
        if self._http is not None:
            self._http.pause_writing()

    def resume_writing(self) -> None:
        """Goes on."""
        self._is_blocked = False
        self._go_on_reading()
        if self._http is not None:
            self._http.resume_writing()

    @property
    def _may_read(self) -> bool:
        return self._wants_data and not self._is_blocked

    def _read_or_pause(self) -> None:
        if self._outer.is_closing() or self._is_ended:
            return
        if self._may_read and not self._received:
            self._outer.resume_reading()
        else:
            self._outer.pause_reading()

    def _go_on_reading(self) -> None:
        if self._received and self._may_read:
            self._schedule()
        else:
            self._read_or_pause()

    def _count_held(self) -> None:
        size = len(self._received) + self._session.unfinished
        if size != self._held and not self._is_lost:
            self._held = size
            self._connections.hold(self, size)

    # The transport of the inner side.

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        """Encrypts and sends."""
        if data and not self._is_failed and not self._outer.is_closing():
            self._outer.write(self._session.encrypt(bytes(data)))

    def get_write_buffer_size(self) -> int:
        """The bytes that are encrypted and not sent yet."""
        return self._outer.get_write_buffer_size()

    def pause_reading(self) -> None:
        """Has nothing more received."""
        self._wants_data = False
        self._read_or_pause()

    def resume_reading(self) -> None:
        """Has more received, once the client reads, too."""
        self._wants_data = True
        self._go_on_reading()

    def is_reading(self) -> bool:
        """Whether the next bytes are the client's to send; not while some wait here."""
        return self._may_read and not self._received

    def is_closing(self) -> bool:
        """Whether it is closed, or will be when all is sent."""
        return self._outer.is_closing()

    def close(self) -> None:
        """Closes it when all is sent; does not wait for the client to agree."""
        if self._outer.is_closing():
            return
        if self._session.is_established and not self._is_failed:
            self._outer.write(self._session.end())
        self._outer.close()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        if name == "sslcontext":
            return self._context
        return self._outer.get_extra_info(name, default)

    # A connection by itself, until the handshake is complete, and while it holds a part of a record.

    def shutdown(self) -> None:
        """Ends a handshake that is not complete: there is no request in it."""
        self._outer.abort()

    def check_progress(self, now_s: float) -> None:
        """Ends a handshake that takes too long."""
        if self._received:
            # It waits for its turn, not for the client.
            return
        if self._progress is None:
            self._progress = Progress(Phase.HEAD, 0, now_s)
        elif self._progress.is_overdue(0, now_s, self._connections.bounds):
            self._connections.log.warning(
                "http.tls_failed", peer=self._peer, reason="the client took too long for the handshake"
            )
            self._outer.abort()

    def abort(self, reason: str = "") -> None:
        """Ends the connection at once, whatever is unsent."""
        if reason:
            self._connections.log.warning("http.aborted", peer=self._peer, reason=reason)
        self._outer.abort()
