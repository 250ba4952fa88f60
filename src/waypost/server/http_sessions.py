"""The HTTP clients and sessions for requests of the service, which are closed when it stops."""

from collections.abc import Awaitable, Callable, Sequence
from socket import socket
from typing import Any

import aiohttp

from waypost.config.settings import TemplateReviewSettings
from waypost.outbound.bounded_responses import BoundedConnector
from waypost.outbound.client import HttpClient
from waypost.outbound.file_check import FileCheck
from waypost.outbound.kept_alive import reuse_trace
from waypost.outbound.name_resolution import NameResolver


class HttpSessions:
    """Opens clients for providers and sessions for customers' URLs, each with its own connections.

    Args:
        nameservers: the name servers for names in customers' URLs; empty for the system's.

    Attributes:
        names: resolves the names in customers' URLs.
    """

    def __init__(self, nameservers: Sequence[str]) -> None:
        self.names = NameResolver(nameservers)
        self._sessions: list[HttpClient | aiohttp.ClientSession] = []

    def open_client(self, limit: int, proxy: str = "") -> HttpClient:
        """Opens a client for requests to a provider.

        Args:
            limit: the number of concurrent connections.
            proxy: the URL of the egress proxy; empty for none.
        """
        client = HttpClient(limit, proxy=proxy)
        self._sessions.append(client)
        return client

    def file_check(self, settings: TemplateReviewSettings) -> Callable[[str], Awaitable[str]] | None:
        """What looks at a file that a template names, and returns what is wrong; None if nobody is to."""
        if not settings.check_header_url:
            return None
        return FileCheck(self.names, allow_private=settings.private_header_urls).download_error

    def open(
        self, limit: int, socket_factory: Callable[[tuple[Any, ...]], socket] | None = None
    ) -> aiohttp.ClientSession:
        """Opens a session for requests to customers' URLs, without cookies.

        Args:
            limit: the number of concurrent connections; 0 for no limit.
            socket_factory: creates the sockets of the connections, as for `aiohttp.TCPConnector`.
        """
        session = aiohttp.ClientSession(
            connector=BoundedConnector(limit=limit, socket_factory=socket_factory, resolver=self.names),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[reuse_trace()],
        )
        self._sessions.append(session)
        return session

    async def close_client(self, client: HttpClient) -> None:
        """Closes one client before the others."""
        if client in self._sessions:
            self._sessions.remove(client)
            await client.close()

    async def close(self) -> None:
        """Closes all clients and sessions."""
        for session in self._sessions:
            await session.close()
        await self.names.close()
