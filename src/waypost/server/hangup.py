"""SIGHUP asks a running service to read its settings again; it ends nothing, whenever it comes.

Where a terminal is closed, its programs get a SIGHUP, too.
"""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_HANGUP = getattr(signal, "SIGHUP", None)


def ignore_hangups() -> None:
    """Lets SIGHUP do nothing, where there is such a signal."""
    if _HANGUP is not None:
        signal.signal(_HANGUP, signal.SIG_IGN)


@contextmanager
def hangup_requests() -> Iterator[asyncio.Event]:
    """An event that each SIGHUP sets, on the running loop; afterwards they do nothing."""
    requested = asyncio.Event()
    if _HANGUP is None:
        yield requested
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(_HANGUP, requested.set)
    try:
        yield requested
    finally:
        # A loop that takes its handler back leaves the system's own, which ends the process.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {_HANGUP})
        loop.remove_signal_handler(_HANGUP)
        ignore_hangups()
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
