"""Connections of aiohttp to customers' URLs, whose responses have a bounded number of heads.

aiohttp reads interim responses (100 Continue) for as long as they come, and keeps those that it has not read
yet without a bound: one server that sent them without end took 150 MB and held the loop for seconds.
"""

from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

MAX_HEADS = 8
"""The heads of one response: its own, and those of interim responses before it."""

# What is parsed at once: some hundred of the shortest heads.
_PIECE_BYTES = 4096


class BoundedConnector(aiohttp.TCPConnector):
    """`aiohttp.TCPConnector` with bounded responses; takes the same options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = partial(_BoundedResponseHandler, loop=self._loop)  # type: ignore[assignment]


class _BoundedResponseHandler(ResponseHandler):
    def __init__(self, loop: Any) -> None:
        super().__init__(loop)
        self._heads = 0

    def set_response_params(self, **params: Any) -> None:
        """Begins the next response."""
        self._heads = 0
        super().set_response_params(**params)

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Takes a head."""
        self._heads += 1
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Parses bytes until there are too many heads; then the connection is closed."""
        for start in range(0, max(1, len(data)), _PIECE_BYTES):
            super().data_received(data[start : start + _PIECE_BYTES])
            if self._heads > MAX_HEADS:
                self.set_exception(aiohttp.ClientPayloadError("too many interim responses"))
                if self.transport is not None:
                    self.transport.abort()
                return
