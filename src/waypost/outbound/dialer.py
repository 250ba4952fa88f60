"""Opens connections to one origin, directly or through a proxy."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import NamedTuple

from aiohappyeyeballs import start_connection

from waypost.outbound.connection import Connection
from waypost.outbound.proxy import HttpProxy, ProxyRefusedError
from waypost.outbound.system_names import AddressInfo, system_addresses

# Seconds that the addresses of a name are used without another lookup.
_ADDRESSES_TTL_S = 10.0
# Seconds after which the next address of a name is tried beside the one before. Source: RFC 8305, section 8.
_CONNECTION_ATTEMPT_DELAY_S = 0.25


class UnreachableError(Exception):
    """There is no connection, so that nothing of the request was sent. The message is for timelines."""


class Origin(NamedTuple):
    """Where a URL leads to: requests to one origin share connections.

    Attributes:
        scheme: `http` or `https`.
        host: a name in ASCII, or an address; without brackets.
    """

    scheme: str
    host: str
    port: int


class Dialer:
    """Opens connections to an origin.

    Args:
        tls: the TLS settings, for an `https` origin.
        proxy: the proxy that connections go through: an `https` origin in a tunnel, an `http` one by the
            form of its requests.
    """

    def __init__(self, origin: Origin, *, tls: Callable[[], ssl.SSLContext], proxy: HttpProxy | None) -> None:
        self._origin = origin
        self._tls = tls
        self._proxy = proxy
        self._address = (proxy.host, proxy.port) if proxy is not None else (origin.host, origin.port)
        self._lookup: asyncio.Task[list[AddressInfo]] | None = None
        self._lookup_expires = 0.0

    async def dial(self, create: Callable[[socket.socket], Connection], deadline: float) -> Connection:
        """Opens a connection, with its TLS handshake.

        Args:
            create: creates the connection on a socket.
            deadline: when to give up, on the loop's clock.

        Raises:
            UnreachableError: there is no connection.
        """
        try:
            async with asyncio.timeout_at(deadline):
                return await self._dial(create)
        except TimeoutError:
            raise UnreachableError("no connection in time") from None
        except ProxyRefusedError as error:
            raise UnreachableError(f"no connection ({error})") from None
        # uvloop has errors of its own for some failures, and a name may not be encodable.
        except (OSError, RuntimeError, UnicodeError) as error:
            host, port = self._address
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise UnreachableError(f"no connection to {host}:{port} ({reason})") from error

    async def _dial(self, create: Callable[[socket.socket], Connection]) -> Connection:
        loop = asyncio.get_running_loop()
        addresses = await self._resolve(loop)
        try:
            sock = await start_connection(
                addresses, happy_eyeballs_delay=_CONNECTION_ATTEMPT_DELAY_S, loop=loop
            )
        except OSError:
            self._lookup = None
            raise
        try:
            tls, host = None, None
            if self._origin.scheme == "https":
                tls, host = self._tls(), self._origin.host.rstrip(".")
                if self._proxy is not None:
                    await self._proxy.open_tunnel(sock, self._origin.host, self._origin.port)
            transport, connection = await loop.create_connection(
                lambda: create(sock), sock=sock, ssl=tls, server_hostname=host
            )
            if transport.is_closing():
                raise ConnectionResetError(None, "closed at once")
        except BaseException:
            sock.close()
            raise
        return connection

    async def _resolve(self, loop: asyncio.AbstractEventLoop) -> list[AddressInfo]:
        """The addresses of the host, beginning with another one each time; concurrent lookups are one."""
        if self._lookup is None or (self._lookup.done() and loop.time() >= self._lookup_expires):
            self._lookup = loop.create_task(self._look_up(loop))
        lookup = self._lookup
        try:
            addresses = await asyncio.shield(lookup)
        except OSError:
            self._lookup = None
            raise
        in_turn = list(addresses)
        addresses.append(addresses.pop(0))
        return in_turn

    async def _look_up(self, loop: asyncio.AbstractEventLoop) -> list[AddressInfo]:
        addresses = await system_addresses(*self._address)
        self._lookup_expires = loop.time() + _ADDRESSES_TTL_S
        return addresses
