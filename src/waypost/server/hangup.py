"""SIGHUP asks `waypost serve` to read its settings again, and never ends it; where a terminal is closed, its
programs get a SIGHUP, too, which ends all other commands.
"""

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

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

    def request(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(requested.set)

    # Not the loop's own handler: taking that back leaves the system's for a moment, which ends the process
    # whichever of its threads the signal comes to.
    signal.signal(_HANGUP, request)
    try:
        yield requested
    finally:
        ignore_hangups()
