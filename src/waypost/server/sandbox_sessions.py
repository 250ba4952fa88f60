"""The HTTP clients and sessions of a sandbox, which answers some pushes to customers' URLs itself."""

from collections.abc import Callable, Sequence
from socket import socket
from typing import Any, cast

import aiohttp

from waypost.sandbox.answered_callbacks import AnsweringSession
from waypost.sandbox.disruptions import Disruptions
from waypost.server.http_sessions import HttpSessions


class SandboxSessions(HttpSessions):
    """As `HttpSessions`.

    Args:
        disruptions: say which pushes are answered here.
    """

    def __init__(self, disruptions: Disruptions, nameservers: Sequence[str]) -> None:
        super().__init__(nameservers)
        self._disruptions = disruptions

    def open(
        self, limit: int, socket_factory: Callable[[tuple[Any, ...]], socket] | None = None
    ) -> aiohttp.ClientSession:
        """Opens a session for requests to customers' URLs."""
        session = AnsweringSession(super().open(limit, socket_factory), self._disruptions)
        # It has what is used of one.
        return cast("aiohttp.ClientSession", session)
