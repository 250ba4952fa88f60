"""Runs sandboxes behind a port: as the whole of a process, or as a guest in somebody else's."""

import asyncio
import shutil
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from waypost.sandbox.authority_folder import authority_folder
from waypost.sandbox.sandbox_state import SandboxState
from waypost.server.address import service_address
from waypost.server.hangup import closed_terminal
from waypost.server.http import listen, port_of, serve
from waypost.server.http_bounds import Bounds
from waypost.server.open_files import raise_file_limit
from waypost.server.sandbox import SandboxOptions
from waypost.server.sandbox_certificate import SandboxCertificate
from waypost.server.sandbox_folder import sandbox_folder
from waypost.server.sandboxes import NAMED, Sandboxes
from waypost.server.stop_deadline import StopDeadline
from waypost.storage.data_lock import hold_data_folder


async def run(
    host: str,
    port: int,
    data: Path | None,
    options: SandboxOptions,
    *,
    state: SandboxState | None = None,
    on_ready: Callable[[str], None],
    stop_requested: asyncio.Event | None = None,
) -> None:
    """Runs sandboxes until SIGTERM or SIGINT.

    Args:
        state: what the common one goes on from, in place of what its folder has; None to begin.
        data: the data folder of the common one; None for a temporary one.
        on_ready: called with `http://host:port` once calls are accepted.
        stop_requested: stops them in place of a signal, as a guest in a process of somebody else: its
            signals, garbage collector and limits are left alone.

    Raises:
        CannotListenError: the address is in use.
        DataFolderLockedError: another process holds the folder.
    """
    with ExitStack() as stack:
        folder = data if data is not None else stack.enter_context(sandbox_folder())
        lock_file = stack.enter_context(hold_data_folder(folder))
        named = folder / NAMED
        # What a killed one left in a folder that is kept.
        shutil.rmtree(named, ignore_errors=True)
        stack.callback(shutil.rmtree, named, ignore_errors=True)
        listener = listen(host, port)
        address = service_address(host, port_of(listener))
        sandboxes = Sandboxes(
            host,
            port_of(listener),
            address,
            folder,
            lock_file,
            named,
            options._replace(durable=data is not None),
        )
        await sandboxes.start(state)
        server, is_guest = sandboxes.settings.server, stop_requested is not None
        most = server.max_connections if is_guest else raise_file_limit(server.max_connections)
        await serve(
            sandboxes,
            listener,
            Bounds.from_settings(server, most),
            ready=lambda: on_ready(address),
            stop=sandboxes.stop,
            failed=sandboxes.failed,
            deadline=None if is_guest else StopDeadline(server.stop_timeout),
            connect=SandboxCertificate(lambda: authority_folder(data)).connect,
            signals=() if is_guest else (signal.SIGTERM, signal.SIGINT, *closed_terminal()),
            stop_requested=stop_requested,
        )
