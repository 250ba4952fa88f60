"""Answers a request by an ASGI application, through uvicorn's cycle of ASGI messages.

The internals of uvicorn that are used are listed in one test (`tests/server/test_uvicorn_internals.py`), and
its version is pinned below the next minor one.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from waypost.server.http_exchange import Exchange

_logger = logging.getLogger("uvicorn.error")


class _HeadBufferingTransport:
    """A transport that writes the head of a response together with the first part of its body, because each
    write is a system call."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        is_head = data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 100 ")
        if not self._head and is_head and data.endswith(b"\r\n\r\n"):
            self._head = data
            return
        self._transport.write(self._head + data)
        self._head = b""

    def flush(self) -> None:
        """Writes a head that is not followed by a body."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


def create_cycle(
    exchange: Exchange, transport: asyncio.Transport, flow: FlowControl, finish: Callable[[], None]
) -> RequestResponseCycle:
    """Creates the cycle of a request, with the part of its body that is received already.

    Args:
        finish: called when the answer is complete.
    """
    buffering_transport = _HeadBufferingTransport(transport)

    def complete() -> None:
        buffering_transport.flush()
        # The application may have closed the connection by a header.
        exchange.keep_alive = cycle.keep_alive
        finish()

    cycle = RequestResponseCycle(
        scope=_scope(exchange, transport),  # type: ignore[arg-type]
        transport=buffering_transport,  # type: ignore[arg-type]
        flow=flow,
        logger=_logger,
        access_logger=_logger,
        access_log=False,
        default_headers=[],
        message_event=asyncio.Event(),
        expect_100_continue=exchange.expects_continue,
        keep_alive=exchange.keep_alive,
        on_response=complete,
    )
    cycle.body += b"".join(exchange.body)
    cycle.more_body = not exchange.is_complete
    if cycle.body or exchange.is_complete:
        cycle.message_event.set()
    return cycle


def _scope(exchange: Exchange, transport: asyncio.Transport) -> dict[str, Any]:
    request = exchange.request
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": exchange.http_version,
        "method": request.method,
        "scheme": "https" if request.secure else "http",
        "path": request.path,
        "raw_path": exchange.raw_path,
        "query_string": request.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers],
        "server": _address(transport, "sockname"),
        "client": _client(exchange, transport),
        "state": {},
    }


def _client(exchange: Exchange, transport: asyncio.Transport) -> tuple[str, int] | None:
    """The client, which a trusted proxy may have named; its port there is not known, and 0."""
    connected, address = _address(transport, "peername"), exchange.request.peer
    if connected is None or not address:
        return connected
    return address, connected[1] if connected[0] == address else 0


def _address(transport: asyncio.Transport, name: str) -> tuple[str, int] | None:
    """An address of a connection; those of IPv6 have further parts."""
    info = transport.get_extra_info(name)
    return (str(info[0]), int(info[1])) if isinstance(info, tuple) else None
