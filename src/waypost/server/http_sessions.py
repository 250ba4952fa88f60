"""The HTTP sessions for requests of the service, which are closed when it stops."""

from collections.abc import Callable
from socket import socket
from typing import Any

import aiohttp


class HttpSessions:
    """Opens HTTP sessions, each with its own connections and without cookies."""

    def __init__(self) -> None:
        self._sessions: list[aiohttp.ClientSession] = []

    def open(
        self, limit: int, socket_factory: Callable[[tuple[Any, ...]], socket] | None = None
    ) -> aiohttp.ClientSession:
        """Opens a session.

        Args:
            limit: the number of concurrent connections; 0 for no limit.
            socket_factory: creates the sockets of the connections, as for `aiohttp.TCPConnector`.
        """
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limit, socket_factory=socket_factory),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._sessions.append(session)
        return session

    async def close(self) -> None:
        """Closes all sessions."""
        for session in self._sessions:
            await session.close()
