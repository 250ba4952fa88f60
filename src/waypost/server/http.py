"""Serves an ASGI application over HTTP, inside this process's own event loop, until it is told to stop.

The protocol is uvicorn's, on httptools' parser. The official Python SDK writes all parameters into the
query: a call to 1,000 recipients has a request line of some 200 KB (other-operations.md). Servers on hyper
refuse one of 64 KiB and more, and httptools has no limit at all, so the bound is set here.
"""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any
from weakref import ref

import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from waypost.api.gateway import WHOLE_ANSWER
from waypost.api.limits import LONGEST_HEAD

log = structlog.get_logger()

_BACKLOG = 1024
# Seconds that a connection may lie idle between two requests; SDKs keep theirs open.
_KEEP_ALIVE = 75
# Seconds that connections with an unfinished answer have when the service stops.
_LAST_ANSWERS = 1.0


class _JoinedWrites:
    """A transport that writes the head of an answer together with the first part of its body: each write is a
    system call, and those of the head alone would be a tenth of what a call costs."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        begins = data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 100 ")
        if not self._head and begins and data.endswith(b"\r\n\r\n"):
            self._head = data
            return
        self._transport.write(self._head + data)
        self._head = b""

    def flush(self) -> None:
        """Writes a head that no body followed."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


class LongLines(HttpToolsProtocol):
    """Takes request lines of any length, as long as the whole head is within `LONGEST_HEAD`."""

    _in_head = True
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected; one that says nothing is not kept for ever."""
        super().connection_made(transport)
        self._joined = _JoinedWrites(transport)
        self.transport = self._joined  # type: ignore[assignment]
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        """Bytes came. They are counted before they are parsed: the parser keeps a header until its end."""
        if self._in_head:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self.send_400_response(
                    f"The request's line and headers are longer than {LONGEST_HEAD} bytes."
                )
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The head is complete. The query is put into the scope here, since httptools' parser of URLs counts
        its parts in 16 bits."""
        self._in_head = False
        self.url, _, query = self.url.partition(b"?")
        super().on_headers_complete()
        self.scope["query_string"] = query.partition(b"#")[0]
        # By a weak reference: a scope that leads back to itself would be the collector's work each time.
        answer = partial(self._answer, ref(self.cycle))
        self.scope["extensions"] = {WHOLE_ANSWER: answer}  # type: ignore[dict-item]

    def _answer(
        self,
        cycle_ref: ref[RequestResponseCycle],
        status: int,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
    ) -> None:
        """Writes a whole answer at once; its headers are of our own making and have a content-length."""
        cycle = cycle_ref()
        if cycle is None or cycle.disconnected:
            return
        lines = [STATUS_LINE[status]]
        for name, value in headers:
            lines += (name, b": ", value, b"\r\n")
        lines.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        if cycle.scope["method"] != "HEAD":
            lines.append(body)
        self._joined.write(b"".join(lines))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self._joined.close()
        cycle.on_response()

    def on_response_complete(self) -> None:
        """An answer is complete."""
        self._joined.flush()
        super().on_response_complete()

    def on_message_complete(self) -> None:
        """The body is complete; a head may follow."""
        self._in_head, self._head = True, 0
        super().on_message_complete()


class CannotListenError(Exception):
    """The address is taken, or is not one of this machine."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `port`, or on a free one for 0. Its owner closes it.

    It is taken at once, before anything else is started, so that nobody else can get the port meanwhile; who
    connects early waits until `serve` takes connections.

    Raises:
        CannotListenError: it cannot; the message says what to change.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise CannotListenError(
            f"cannot listen on {host} port {port}: {error.strerror}. Choose another with --port or "
            "[server] port (0 takes a free one)."
        ) from None
    return listener


def port_of(listener: socket.socket) -> int:
    """The port that a socket listens on."""
    return int(listener.getsockname()[1])


async def serve(
    application: Any,
    listener: socket.socket,
    *,
    ready: Callable[[], None],
    stop: Callable[[], Awaitable[None]],
) -> None:
    """Serves until SIGTERM or SIGINT, then runs `stop` and closes the socket.

    Args:
        application: an ASGI application without a lifespan.
        listener: from `listen`.
        ready: called once connections are taken.
        stop: finishes what is in flight; while it runs, connections are still answered.
    """
    config = Config(
        application,
        http=LongLines,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
    )
    config.load()
    connections = ServerState()
    loop = asyncio.get_running_loop()
    stop_requested = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop_requested.set)
    server = await loop.create_server(
        lambda: LongLines(config, connections, {}), sock=listener, backlog=_BACKLOG
    )
    _spare_the_collector()
    ready()
    await stop_requested.wait()
    log.info("stopping")
    await stop()
    server.close()
    for connection in list(connections.connections):
        connection.shutdown()
    if connections.tasks:
        await asyncio.wait(connections.tasks, timeout=_LAST_ANSWERS)


def _spare_the_collector() -> None:
    """Takes what was loaded at the start out of the garbage collector's sight, and lets it look less often.

    A call leaves almost no cycles behind; with the default thresholds the collector would still look through
    everything alive several times a second, a quarter of the time a call takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
