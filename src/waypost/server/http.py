"""Serves an application over HTTP in the running event loop, until a signal stops it."""

import asyncio
import gc
import signal
import socket
from asyncio import FIRST_COMPLETED
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from waypost.server.connections import Application, Connections
from waypost.server.http_bounds import DEFAULT_BOUNDS, Bounds
from waypost.server.http_protocol import HttpProtocol
from waypost.server.stop_deadline import StopDeadline

log = structlog.get_logger()

_BACKLOG = 1024
# How long unfinished responses may take when the service stops.
_SHUTDOWN_TIMEOUT_S = 1.0
# How long the end of a service that cannot go on may take in all.
_FAILED_STOP_S = 3.0


class CannotListenError(Exception):
    """The address is in use, or is not one of this machine."""


def listen(host: str, port: int) -> socket.socket:
    """Opens a socket that listens on `port`, or on a free one for 0. The caller closes it.

    It is opened before anything else is started, so that no other process can take the port meanwhile; early
    connections wait until `serve` accepts them.

    Raises:
        CannotListenError: the address cannot be used; the message has the remedy.
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
    application: Application,
    listener: socket.socket,
    bounds: Bounds = DEFAULT_BOUNDS,
    *,
    ready: Callable[[], None],
    stop: Callable[[], Awaitable[None]],
    failed: "asyncio.Future[None] | None" = None,
    deadline: StopDeadline | None = None,
    connect: Callable[[Connections], asyncio.Protocol] = HttpProtocol,
    signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT),
    stop_requested: asyncio.Event | None = None,
) -> None:
    """Serves until a signal or `stop_requested`, then runs `stop` and closes the socket.

    Args:
        listener: a socket from `listen`.
        bounds: the bounds of connections.
        ready: called once connections are accepted.
        stop: completes what is in flight; connections are still served while it runs.
        failed: has an error once the application cannot go on, which ends the service without `stop`.
        deadline: ends the process if it takes too long to end.
        connect: returns the protocol of a new connection, as one that takes TLS, too.
        signals: any of these stops the service.
        stop_requested: in a process that is not the service's alone, whose garbage collector is then
            left as it is.

    Raises:
        Exception: the error of `failed`.
    """
    connections = Connections(application, bounds)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_loop_error)
    is_guest = stop_requested is not None
    stop_requested = stop_requested or asyncio.Event()
    for name in signals:
        loop.add_signal_handler(name, stop_requested.set)
    server = await loop.create_server(lambda: connect(connections), sock=listener, backlog=_BACKLOG)
    if not is_guest:
        _tune_garbage_collector()
    ready()
    ends: list[asyncio.Future[Any]] = [loop.create_task(stop_requested.wait())]
    if failed is not None:
        ends.append(failed)
    await asyncio.wait(ends, return_when=FIRST_COMPLETED)
    if stop_requested.is_set():
        log.info("stopping")
        if deadline is not None:
            deadline.arm()
        await stop()
    elif deadline is not None:
        deadline.arm(_FAILED_STOP_S)
    server.close()
    await connections.close(_SHUTDOWN_TIMEOUT_S)
    if failed is not None and failed.done():
        failed.result()


def _log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Writes what the event loop reports, such as that it cannot accept, as a line of the log."""
    log.error("loop.failed", reason=context.get("message", ""), exc_info=context.get("exception"))


def _tune_garbage_collector() -> None:
    """Excludes the objects of the start from garbage collection, and makes collections rarer.

    A call leaves almost no reference cycles; with the default thresholds the collector would still scan all
    objects several times a second, which is a quarter of the time of a call. What little garbage the start
    has made stays: to look for it takes a tenth of the start.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
