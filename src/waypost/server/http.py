"""Serves an ASGI application over HTTP inside this process's own event loop, until a signal stops it."""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from uvicorn.config import Config
from uvicorn.server import ServerState

from waypost.server.http_protocol import HttpProtocol

log = structlog.get_logger()

_BACKLOG = 1024
# Seconds that a connection may lie idle between two requests; SDKs keep theirs open.
_KEEP_ALIVE = 75
# Seconds that connections with an unfinished answer have when the service stops.
_LAST_ANSWERS = 1.0


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
        http=HttpProtocol,
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
        lambda: HttpProtocol(config, connections, {}), sock=listener, backlog=_BACKLOG
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
