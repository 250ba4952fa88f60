"""A sandbox as a child process, which ends with this one."""

import json
import subprocess
import sys
import threading
from typing import IO, Any

URL_VARIABLE = "WAYPOST_SANDBOX_URL"
"""The environment variable that has the URL of a sandbox to use instead of a new one."""

_STARTED_WITHIN_S = 30.0
_ENDED_WITHIN_S = 10.0


class SandboxProcess:
    """A process that serves sandboxes on a free port of this machine.

    Attributes:
        url: `http://127.0.0.1:<port>`.
    """

    def __init__(self, *options: str) -> None:
        """Starts it, and returns when it takes calls.

        Args:
            options: more options of `waypost sandbox`.

        Raises:
            RuntimeError: it has ended; the message has what it wrote.
        """
        command = [sys.executable, "-m", "waypost", "sandbox", "--port", "0", "--limit", "0"]
        self._process = subprocess.Popen(
            [*command, "--json", "--with-parent", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._log: list[str] = []
        self._reader = threading.Thread(target=self._read_log, args=(self._process.stderr,), daemon=True)
        self._reader.start()
        self.url: str = self._ready_line()["url"]

    @property
    def log(self) -> str:
        """What it logged so far."""
        return "".join(self._log)

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(_ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_ENDED_WITHIN_S)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _read_log(self, stream: IO[str]) -> None:
        self._log.extend(stream)

    def _ready_line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        too_late = threading.Timer(_STARTED_WITHIN_S, self._process.kill)
        too_late.start()
        try:
            line = self._process.stdout.readline()
        finally:
            too_late.cancel()
        if not line:
            self.stop()
            raise RuntimeError(f"the sandbox did not start: {self.log}")
        ready: dict[str, Any] = json.loads(line)
        return ready
