"""Other processes on the service's database, and readers who time the service."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from bench.signed import requests

from tests.crash.callers import answer_to, connect

_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO fact (name, value) VALUES ('held', 'here')")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""

open_url = build_opener(ProxyHandler({})).open


@contextmanager
def held_write_lock(data: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process in the middle of a write transaction; it ends it when the block ends."""
    command = [sys.executable, "-c", _HOLD, str(data / "waypost.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


class TimedCall:
    """A call in a thread of its own.

    Attributes:
        code: what it was answered.
        seconds: how long that took.
    """

    def __init__(self, port: int, recipient: str, **more: str) -> None:
        self.code = ""
        self.message_id = ""
        self.seconds = 0.0
        [self._request] = requests(1, port, To=recipient, **more)
        self._port = port
        self._thread = threading.Thread(target=self._call)
        self._thread.start()

    def _call(self) -> None:
        begun = time.monotonic()
        with connect(self._port) as connection:
            answer = answer_to(connection, self._request)
        self.seconds = time.monotonic() - begun
        self.code = answer["Code"]
        self.message_id = answer.get("MessageId", "")

    def wait(self) -> "TimedCall":
        """Returns it when it is answered."""
        self._thread.join(60)
        assert self.code, "no answer within 60 s"
        return self


def call(port: int, recipient: str, **more: str) -> TimedCall:
    """Makes a call, and returns it when it is answered."""
    return TimedCall(port, recipient, **more).wait()


class Reader:
    """Reads a path again and again from a thread, and times each answer.

    Attributes:
        seconds: how long each took.
        errors: what was no answer with the status 200.
    """

    def __init__(self, url: str) -> None:
        self.seconds: list[float] = []
        self.errors: list[str] = []
        self._url = url
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while not self._stopping.wait(0.02):
            begun = time.monotonic()
            try:
                with open_url(self._url, timeout=30) as answer:
                    answer.read()
            except OSError as error:
                self.errors.append(str(error))
            self.seconds.append(time.monotonic() - begun)

    def stop(self) -> float:
        """Ends it; returns the 99th percentile."""
        self._stopping.set()
        self._thread.join(60)
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]


def status_of(url: str) -> tuple[int, Any]:
    """The status and the JSON at a URL."""
    try:
        with open_url(url, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def restart_peak(pid: int) -> int:
    """Lets the peak of a process's resident set count from now on; returns its resident bytes now."""
    # Where the kernel does not allow it, the peak since the start is compared, which is never below.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="utf-8")
    return _figure(pid, "VmRSS")


def peak_bytes(pid: int) -> int:
    """The peak of a process's resident set, in bytes."""
    return _figure(pid, "VmHWM")


def _figure(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)
