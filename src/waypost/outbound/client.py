"""An HTTP/1.1 client for providers, whose result is a reply, certainly not sent, or unknown.

It never sends a request twice: one whose kept-alive connection turns out to be closed is unknown, because a
provider's request that sends a message is not idempotent. It follows no redirect and keeps no cookies.
"""

import ssl
from collections.abc import Callable, Mapping
from functools import cache
from types import TracebackType
from typing import Self

from yarl import URL

from waypost.outbound.dialer import Dialer, Origin
from waypost.outbound.endpoint import TARGET, HttpEndpoint
from waypost.outbound.pool import ConnectionPool
from waypost.outbound.proxy import HttpProxy, basic_authorization

_DEFAULT_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Waypost"}
_OWN_HEADERS = frozenset({"content-length", "transfer-encoding"})


class HttpClient:
    """Connections for the requests of one route.

    Args:
        limit: the number of connections to an origin at most; a request beyond it waits its turn.
        proxy: the `http://` URL of the proxy that all connections go through, with its credentials; empty for
            none.
        tls: the TLS settings for `https` origins; those of the system, with its authorities, if None.
    """

    def __init__(self, limit: int = 100, *, proxy: str = "", tls: ssl.SSLContext | None = None) -> None:
        self._limit = limit
        self._proxy = HttpProxy(proxy) if proxy else None
        self._tls: Callable[[], ssl.SSLContext] = (lambda: tls) if tls is not None else _default_tls
        self._pools: dict[Origin, ConnectionPool] = {}

    def endpoint(
        self, method: str, url: str, *, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> HttpEndpoint:
        """What requests of one kind have in common, encoded once. Needs a running event loop.

        Args:
            method: the HTTP method.
            url: the URL, percent-encoded; then it is sent unchanged. A user and a password in it are sent as
                `Authorization`, unless the headers have one.
            timeout_s: seconds to get a connection, and between any two reads of the response; a request takes
                three times that at most.
            headers: the headers of each request.

        Raises:
            ValueError: the URL or a header is not valid; the message has no part of their values.
        """
        parsed = URL(url, encoded=TARGET.fullmatch(url) is not None)
        if parsed.scheme not in ("http", "https") or not parsed.raw_host or parsed.port is None:
            raise ValueError("the URL begins with http:// or https:// and has a host")
        host = parsed.raw_host
        origin = Origin(parsed.scheme, host if host.isascii() else host.encode("idna").decode(), parsed.port)
        fields = _with_defaults(parsed, origin, headers or {})
        target = parsed.raw_path_qs
        if self._proxy is not None and origin.scheme == "http":
            target = f"http://{_authority(origin)}{target}"
            if self._proxy.authorization:
                fields["Proxy-Authorization"] = self._proxy.authorization
        return HttpEndpoint(self._pool(origin), method, target, fields, timeout_s)

    def _pool(self, origin: Origin) -> ConnectionPool:
        if origin not in self._pools:
            dialer = Dialer(origin, tls=self._tls, proxy=self._proxy)
            self._pools[origin] = ConnectionPool(dialer, self._limit)
        return self._pools[origin]

    async def close(self) -> None:
        """Closes all connections; a request that is out is unknown."""
        for pool in self._pools.values():
            await pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _with_defaults(url: URL, origin: Origin, headers: Mapping[str, str]) -> dict[str, str]:
    names = {name.lower() for name in headers}
    fields = {"Host": _authority(origin)} if "host" not in names else {}
    fields |= {name: value for name, value in headers.items() if name.lower() not in _OWN_HEADERS}
    fields |= {name: value for name, value in _DEFAULT_HEADERS.items() if name.lower() not in names}
    if "authorization" not in names and (authorization := basic_authorization(url)):
        fields["Authorization"] = authorization
    return fields


def _authority(origin: Origin) -> str:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host.rstrip(".")
    is_default = origin.port == (443 if origin.scheme == "https" else 80)
    return host if is_default else f"{host}:{origin.port}"


@cache
def _default_tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
