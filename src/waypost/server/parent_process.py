"""Ends this process with the one that started it, so that a killed test run leaves no service behind."""

import os
import signal
import threading
import time

_INTERVAL_S = 0.25
# When this was imported, which the start of every command does first: the parent may end any time after.
_PARENT_ID = os.getppid()


def end_with_parent() -> None:
    """Sends this process SIGTERM soon after its parent has ended, however and whenever it did."""

    def watch() -> None:
        # A process whose parent has ended is another's child.
        while os.getppid() == _PARENT_ID:
            time.sleep(_INTERVAL_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
