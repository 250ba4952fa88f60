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
    # Imports make no garbage, and are looked through for it a hundred times: a tenth of a command's start. A
    # service sets what it runs with when it has begun (`commands/run.py`).
    gc.set_threshold(500_000, 20, 50)
    if sys.argv[1:2] in (["serve"], ["sandbox"], ["demo"]):
        _load_structlog()
    # It looks who has started this process, who may soon be gone.
    import waypost.server.parent_process  # noqa: F401
    from waypost.cli.application import application_for

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    application_for(sys.argv[1:])()


def _load_structlog() -> None:
    """Loads structlog for a service without Rich, which it would load, too, and which takes longer.

    Rich prints the variables of a traceback, which can be secrets and messages: no log of ours uses it
    (`server/logs.py`). Here alone is the process ours; in any other one this would take Rich from somebody.
    """
    if "rich" in sys.modules:
        return
    # Python refuses to import what is None here, and structlog does without.
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]
