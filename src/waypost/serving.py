"""Runs an ASGI application on Granian, inside this process's own event loop, until it is told to stop."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

log = structlog.get_logger()

# A call with 1,000 recipients in its query is about 200 KB, and must not be cut (other-operations.md).
_HTTP1_BUFFER = 1024 * 1024
_BACKLOG = 1024
_BACKPRESSURE = 4096


class CannotListenError(Exception):
    """The address is taken, or is not one of this machine."""


def free_port(host: str, port: int) -> int:
    """`port`, or a free one for 0, after making sure that it can be listened on.

    Raises:
        CannotListenError: it cannot; the message says what to change.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as fault:
        raise CannotListenError(
            f"cannot listen on {host} port {port}: {fault.strerror}. Choose another with --port or "
            "[server] port (0 takes a free one)."
        ) from None


async def serve(
    application: Any,
    host: str,
    port: int,
    *,
    ready: Callable[[], None],
    stop: Callable[[], Awaitable[None]],
) -> None:
    """Serves until SIGTERM or SIGINT, then runs `stop` and closes the socket.

    Args:
        application: an ASGI application without a lifespan.
        ready: called once connections are taken.
        stop: finishes what is in flight; while it runs, connections are still answered.
    """
    logging.getLogger("_granian").setLevel(logging.ERROR)
    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=_HTTP1_BUFFER),
        websockets=False,
        backlog=_BACKLOG,
        backpressure=_BACKPRESSURE,
        log_enabled=False,
    )
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    serving = asyncio.create_task(server.serve())
    told = asyncio.create_task(stopping.wait())
    await _listening(host, port, serving)
    _spare_the_collector()
    ready()
    await asyncio.wait((serving, told), return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    await stop()
    server.stop()  # type: ignore[no-untyped-call]
    await serving
    told.cancel()


def _spare_the_collector() -> None:
    """Takes what was loaded at the start out of the garbage collector's sight, and lets it look less often.

    A call leaves almost no cycles behind; with the default thresholds the collector would still look through
    everything alive several times a second, a quarter of the time a call takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def _listening(host: str, port: int, serving: "asyncio.Task[None]") -> None:
    """Returns when the socket takes connections."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1" if host == "0.0.0.0" else host, port)
        except OSError:
            await asyncio.sleep(0.005)
            continue
        writer.close()
        return
    serving.result()
