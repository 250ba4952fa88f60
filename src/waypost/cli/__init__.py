"""The start of every command. What the commands are is in `waypost.cli.application`."""

import gc
import io
import signal
import sys


def main() -> None:
    """Runs the command that the arguments name.

    SIGHUP does not end `serve`, which reads its settings again then: not even before it can, and so not while
    the commands are imported.
    Characters that the terminal's encoding lacks are written as escapes, so that no text ends a command.
    """
    if (hangup := getattr(signal, "SIGHUP", None)) is not None and sys.argv[1:2] == ["serve"]:
        signal.signal(hangup, signal.SIG_IGN)
    # Imports make no garbage, and are looked through for it a hundred times: a tenth of a command's start.
    gc.set_threshold(50_000, 20, 50)
    # It looks who has started this process, who may soon be gone.
    import waypost.server.parent_process  # noqa: F401
    from waypost.cli.application import application_for

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    application_for(sys.argv[1:])()
