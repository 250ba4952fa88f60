"""The TLS of one connection without any I/O: what was received goes in, what is to be sent comes out."""

import ssl

from waypost.server.http_bounds import LONGEST_HANDSHAKE

# The most that is decrypted or encrypted at once: buffers of OpenSSL keep the length that they once had.
_RECORD = 16 * 1024


_RECORD_HEAD = 5


class TlsError(Exception):
    """A client broke the rules of TLS, or cannot speak it with us; the message says how."""


class TlsSession:
    """The server's side of a TLS connection.

    Args:
        context: the certificate and what is allowed.

    Attributes:
        is_established: whether the handshake is complete.
        is_ended: whether the client has said that it sends no more.
        unfinished: the bytes that are received of a record that is not complete.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._handshake_size = 0
        self._record_head = b""
        self._record_rest = 0
        self.is_established = False
        self.is_ended = False
        self.unfinished = 0

    def receive(self, data: bytes | memoryview) -> bytes:
        """The plain bytes in what was received; none while the handshake or a record is not complete.

        Raises:
            TlsError: it is no TLS, or none that is allowed. `take_unsent` has what tells the client.
        """
        view, pieces = memoryview(data), list[bytes]()
        try:
            for start in range(0, len(view), _RECORD):
                piece = view[start : start + _RECORD]
                self._incoming.write(piece)
                if self.is_established or self._advance_handshake(len(piece)):
                    self._decrypt(pieces)
                self._follow_records(piece)
        except ssl.SSLError as error:
            raise TlsError((error.reason or str(error)).lower().replace("_", " ")) from None
        return b"".join(pieces)

    def _follow_records(self, data: memoryview) -> None:
        """Counts what of a record has come: OpenSSL keeps it, and does not say how much that is."""
        place = 0
        while place < len(data):
            if not self._record_rest:
                lacking = _RECORD_HEAD - len(self._record_head)
                self._record_head += data[place : place + lacking]
                place += lacking
                if len(self._record_head) < _RECORD_HEAD:
                    break
                self._record_rest = int.from_bytes(self._record_head[3:])
                self.unfinished = 0
            received = max(0, min(self._record_rest, len(data) - place))
            place += received
            self._record_rest -= received
            self.unfinished += received
            if not self._record_rest:
                self._record_head, self.unfinished = b"", 0

    def _advance_handshake(self, size: int) -> bool:
        self._handshake_size += size
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            if self._handshake_size > LONGEST_HANDSHAKE:
                raise TlsError(f"the handshake is longer than {LONGEST_HANDSHAKE} bytes") from None
            return False
        self.is_established = True
        return True

    def _decrypt(self, pieces: list[bytes]) -> None:
        while not self.is_ended:
            try:
                piece = self._tls.read(_RECORD)
            except ssl.SSLWantReadError:
                return
            if not piece:
                self.is_ended = True
            pieces.append(piece)

    def encrypt(self, data: bytes | memoryview) -> bytes:
        """What is to be sent for plain bytes, behind what else was to be sent."""
        view, pieces = memoryview(data), list[bytes]()
        for start in range(0, len(view), _RECORD):
            self._tls.write(view[start : start + _RECORD])
            pieces.append(self._outgoing.read())
        return b"".join(pieces)

    def take_unsent(self) -> bytes:
        """What TLS itself has to send: a part of the handshake, or an alert."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def end(self) -> bytes:
        """What tells the client that nothing more comes."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            # The client has not said the same yet, or never will; nobody waits for it.
            return self._outgoing.read()
        return self._outgoing.read()
