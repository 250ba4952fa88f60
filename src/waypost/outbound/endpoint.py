"""The requests to one URL: what they have in common is encoded once."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown
from waypost.outbound.dialer import UnreachableError
from waypost.outbound.pool import ConnectionPool
from waypost.outbound.reply import Reply

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[^\x00\r\n]*")
TARGET = re.compile(r"[!-~]*")
"""Characters that a request line can have; others must be percent-encoded."""


class HttpEndpoint:
    """Sends requests with one method and headers to one URL; made by `HttpClient.endpoint`."""

    def __init__(
        self, pool: ConnectionPool, method: str, target: str, headers: Mapping[str, str], timeout_s: float
    ) -> None:
        if not TARGET.fullmatch(target) or not _TOKEN.fullmatch(method):
            raise ValueError("a URL consists of printable ASCII characters")
        self._pool = pool
        self._start = f"{method} {target}".encode()
        self._headers = b" HTTP/1.1\r\n" + _encode(headers)
        self._has_body = method in _METHODS_WITH_BODY
        self._is_head = method == "HEAD"
        self._timeout_s = timeout_s

    async def exchange(
        self, body: bytes = b"", *, suffix: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply | Refused | Unknown:
        """Sends a request exactly once.

        The texts of the outcomes never contain the URL, which may have a password of the provider.

        Args:
            body: the body of the request.
            suffix: what follows the URL, such as a query; percent-encoded, then it is sent unchanged.
            headers: headers of this request alone.

        Returns:
            The reply, whatever its status; a redirect is not followed. `Refused(UNREACHABLE)` if no
            connection was made, so that certainly nothing was sent. `Unknown` if the request may have been
            sent and no complete response arrived.

        Raises:
            ValueError: a header is not valid.
        """
        request = self._encode(body, suffix, headers)
        pool = self._pool
        started = pool.loop.time()
        connection = pool.take_idle()
        if connection is None:
            try:
                connection = await pool.acquire(started + self._timeout_s)
            except UnreachableError as error:
                return Refused(SendFailure.UNREACHABLE, "", str(error))
        return await connection.exchange(
            request, timeout_s=self._timeout_s, started=started, has_no_body=self._is_head
        )

    def _encode(self, body: bytes, suffix: str, headers: Mapping[str, str] | None) -> bytes:
        start, fields = self._start, self._headers
        if suffix:
            if not TARGET.fullmatch(suffix):
                suffix = quote(suffix, safe=_PRINTABLE)
            start += suffix.encode()
        if headers:
            fields += _encode(headers)
        if self._has_body or body:
            return b"%b%bContent-Length: %d\r\n\r\n%b" % (start, fields, len(body), body)
        return b"%b%b\r\n" % (start, fields)


def _encode(headers: Mapping[str, str]) -> bytes:
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} has characters that are not allowed")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
