"""SIGHUP asks `waypost serve` to read its settings again, and never ends it; where a terminal is closed, its
programs get a SIGHUP, too, which ends all other commands.
"""

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_HANGUP = getattr(signal, "SIGHUP", None)


def ignore_hangups() -> None:
    """Lets SIGHUP do nothing, where there is such a signal."""
    if _HANGUP is not None:
        signal.signal(_HANGUP, signal.SIG_IGN)


def closed_terminal() -> Sequence[signal.Signals]:
    """The signal by which a closed terminal ends its programs; none where it does not, as under `nohup`."""
    if _HANGUP is None or signal.getsignal(_HANGUP) is signal.SIG_IGN:
        return ()
    return (_HANGUP,)


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
