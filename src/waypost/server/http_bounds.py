"""The bounds of a connection and of all of them: how large, how slow and how many clients may be.

Every bound on what a client sends before it is known who sends it belongs here; `http_protocol` and
`connections` are where bytes and connections are counted.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from waypost.api.limits import LONGEST_BODY, LONGEST_HEAD, LONGEST_MASS_BODY, MOST_HEADERS
from waypost.config.settings import ServerSettings
from waypost.server.forwarded import plain_address

LONGEST_PATH = 8192
"""The longest path of a target, as sent; decoding one takes far longer than a query of the same length."""

LONGEST_VALUE = 8192
"""The longest value of a header of a request that the ASGI application answers."""

LONGEST_UNSENT = 64 * 1024
"""The unsent bytes of answers with which no further request of a connection is begun."""


LONGEST_HANDSHAKE = 64 * 1024
"""The most bytes that a client sends until its TLS handshake is complete; usual are two to five thousand."""


class Bounds(NamedTuple):
    """The bounds of connections, as the settings `server.*` have them; times are seconds, sizes bytes.

    Attributes:
        head: the longest request line and headers together, also of what frames a body in chunks, with their
            extensions and trailers.
        headers: the most headers of a request, and the most trailers.
        body: the longest body of a request.
        large_body: the longest body of a request whose operation needs one.
        head_s: within which a whole head has to be there, from its first byte on.
        body_s: for which no further byte of a body may come, and none of an answer may be read.
        rate: bytes a second at least, of a body that is received and of an answer that is read, after the
            first `body_s`.
        idle_s: how long a connection may be idle between two requests; SDKs keep theirs open.
        connections: the most connections in all.
        of_address: the most connections of one address.
        held: the most bytes that unfinished requests and unread answers hold together.
        trusted_proxies: networks whose addresses may have any number of connections, and say for whom they
            send requests.
    """

    head: int = LONGEST_HEAD
    headers: int = MOST_HEADERS
    body: int = LONGEST_BODY
    large_body: int = LONGEST_MASS_BODY
    head_s: float = 10.0
    body_s: float = 10.0
    rate: int = 10_240
    idle_s: float = 75.0
    connections: int = 10_000
    of_address: int = 500
    held: int = 24 * 1024 * 1024
    trusted_proxies: Sequence[str] = ()

    @classmethod
    def from_settings(cls, settings: ServerSettings, connections: int) -> "Bounds":
        """The bounds that the settings have.

        Args:
            connections: how many connections the limit of open files has room for.
        """
        return cls(
            head=settings.max_head,
            headers=settings.max_headers,
            body=settings.max_body,
            large_body=settings.max_large_body,
            head_s=settings.head_timeout,
            body_s=settings.body_timeout,
            rate=settings.min_rate,
            idle_s=settings.idle_timeout,
            connections=connections,
            of_address=settings.max_connections_per_address,
            held=settings.max_unfinished_bytes,
            trusted_proxies=settings.trusted_proxies,
        )

    def is_trusted(self, address: str) -> bool:
        """Whether an address is one of a trusted proxy."""
        return bool(self.trusted_proxies) and _is_in(address, tuple(self.trusted_proxies))


# Asked for with each request of a proxy, about few addresses.
@lru_cache(4096)
def _is_in(address: str, networks: Sequence[str]) -> bool:
    try:
        peer = ip_address(plain_address(address))
    except ValueError:
        return False
    return any(peer in ip_network(network, strict=False) for network in networks)


DEFAULT_BOUNDS = Bounds()
