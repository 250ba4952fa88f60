"""Real `waypost` processes for tests: started, waited for, and ended by their own id.

    with start_sandbox(limit=0) as sandbox:
        sandbox.advance(120)
        callbacks = sandbox.get("/sandbox/callbacks")["callbacks"]

Nothing here sleeps for a fixed time: a ready line is waited for, a condition is polled until a deadline.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

T = TypeVar("T")

WAYPOST = (sys.executable, "-m", "waypost")
STARTED_WITHIN = 30.0
ENDED_WITHIN = 30.0
_POLL_INTERVAL = 0.02

_open = build_opener(ProxyHandler({})).open


class Running:
    """A process that is ready.

    Attributes:
        address: `http://127.0.0.1:<port>`.
        process: the process itself.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.address = ""
        self._lines: list[str] = []
        self._errors: list[str] = []
        self._new: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._readers = [
            threading.Thread(target=self._read, args=(process.stdout, self._lines, self._new), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, self._errors, None), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: IO[str], lines: list[str], new: "queue.SimpleQueue[str | None] | None") -> None:
        for line in stream:
            lines.append(line)
            if new is not None:
                new.put(line)
        if new is not None:
            new.put(None)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    @property
    def endpoint(self) -> str:
        """`host:port`, as the official SDK wants it."""
        return self.address.removeprefix("http://")

    @property
    def output(self) -> str:
        """What it wrote on standard output so far."""
        return "".join(self._lines)

    @property
    def log(self) -> str:
        """What it wrote on standard error so far."""
        return "".join(self._errors)

    def wait_ready(self, within: float) -> None:
        """Reads until the line `... ready on http://...`."""
        deadline = time.monotonic() + within
        while True:
            try:
                line = self._new.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not ready within {within} s; its log: {self.log}") from None
            if line is None:
                self.process.wait(ENDED_WITHIN)
                raise AssertionError(f"ended with {self.process.returncode} before ready: {self.log}")
            if " ready on http://" in line:
                self.address = line.rpartition(" ready on ")[2].strip()
                return

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return fetch(self.address + path)

    def post(self, path: str, body: Any = None) -> Any:
        """Posts JSON to a path; the JSON that came back."""
        return fetch(self.address + path, {} if body is None else body)

    def advance(self, seconds: float) -> None:
        """Moves the sandbox's clock; returns when all that was due has happened."""
        # Thousands of messages may be due.
        fetch(f"{self.address}/sandbox/clock/advance", {"seconds": seconds}, within=100.0)

    def kill(self) -> None:
        """Ends it at once, as a crash would."""
        self.process.kill()
        self.process.wait(ENDED_WITHIN)

    def stop(self) -> int:
        """Ends it by SIGTERM; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(ENDED_WITHIN)
        finally:
            if self.process.poll() is None:
                self.kill()
        for reader in self._readers:
            reader.join(ENDED_WITHIN)
        return self.process.returncode


@contextmanager
def start(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Runs `waypost <arguments>` until the block ends; entered when it is ready."""
    process = subprocess.Popen(
        [*WAYPOST, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_of(environment),
    )
    running = Running(process)
    try:
        running.wait_ready(STARTED_WITHIN)
        yield running
    finally:
        running.stop()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


@contextmanager
def start_sandbox(
    data: Path | None = None,
    *,
    port: int = 0,
    limit: int = 0,
    callback_url: str = "",
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """A sandbox; without a folder, one that keeps nothing. No limit unless there is one."""
    arguments = ["sandbox", "--port", str(port), "--limit", str(limit)]
    if data is not None:
        arguments += ["--data", str(data)]
    if callback_url:
        arguments += ["--callback-url", callback_url]
    with start(arguments, environment) as running:
        yield running


@contextmanager
def start_serve(
    config: Path, *, port: int = 0, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """`waypost serve` on the settings in a file."""
    with start(["serve", "--config", str(config), "--port", str(port)], environment) as running:
        yield running


def run_waypost(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    within: float = 60.0,
    stdin: str = "",
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    return subprocess.run(
        [*WAYPOST, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment_of(environment),
        cwd=folder,
        timeout=within,
        check=False,
    )


def environment_of(more: Mapping[str, str] | None) -> dict[str, str]:
    """This process's environment without any WAYPOST_ setting, and `more` over it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("WAYPOST_")}
    return {**own, "COLUMNS": "110", **(more or {})}


def fetch(url: str, body: Any = None, *, method: str | None = None, within: float = 30.0) -> Any:
    """GETs, or with a body POSTs, JSON, unless `method` is another; what came back, whatever its status.

    Args:
        within: how long it is waited for, in seconds.
    """
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data is not None else {}
    request = Request(url, data, headers, method=method)
    try:
        with _open(request, timeout=within) as answer:
            return json.load(answer)
    except HTTPError as refused:
        with refused:
            return json.load(refused)


def until(
    condition: Callable[[], T | None],
    within: float = 30.0,
    what: str = "the condition",
    *,
    interval: float = _POLL_INTERVAL,
) -> T:
    """Asks until the answer is true, with so many seconds between, and returns it.

    Raises:
        AssertionError: it was not within `within` seconds.
    """
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} was not true within {within} s"
        time.sleep(interval)
