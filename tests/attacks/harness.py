"""Attacks a real process beside a neighbour, whom that must not concern.

    with attacked_sandbox() as attacked, attacked.measured():
        ...what the attacker does...

A process of the service, a neighbour that calls it steadily and gets callbacks, and the test's process, which
attacks. At the end of the `measured` block it is asserted that the service's memory did not grow by more than
64 MB at any moment, that each of the neighbour's calls was accepted, with a 99th percentile of at most 200 ms
or 5 times that before the attack in the same run, and that all of its callbacks have come.

For another service than the sandbox (`waypost serve` on providers of the test), start a `neighbour_process`
first, whose `callback_url` goes into the settings, then the service, and make an `Attacked` of both.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec

from tests.attacks.neighbour import Caller, Lap, Outcome
from tests.processes import Running, start_sandbox

MOST_GROWTH_MB = 64
MOST_P99_MS = 200.0
MOST_SLOWDOWN = 5.0
# So many calls are measured before an attack, after the first ones, and at least so many from its begin on.
_WARM_UP_CALLS = 20
_RAM_FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None
_CALLS_BEFORE = 60
_CALLS_DURING = 40

ATTACKER = "127.0.0.66"
"""The address that attackers connect from, for what is bounded by address; the neighbour has 127.0.0.1."""

T = TypeVar("T")


class SlowedDownError(AssertionError):
    """The neighbour's calls took too long: the service let the attacker have it, or the machine was busy."""


class NeighbourProcess:
    """The process of `tests.attacks.neighbour`.

    Attributes:
        callback_url: where it awaits its callbacks.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.callback_url = self._answer(str)

    def start(self, caller: Caller) -> None:
        """Lets it call."""
        self._command(f"start {msgspec.json.encode(caller).decode()}", str)

    def lap(self, calls: int) -> Lap:
        """How its calls went since the last time, at least so many."""
        return self._command(f"lap {calls}", Lap)

    def finish(self) -> Outcome:
        """Lets it stop, and wait for its callbacks."""
        return self._command("finish", Outcome)

    def _command(self, line: str, answer: type[T]) -> T:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._answer(answer)

    def _answer(self, answer: type[T]) -> T:
        assert self._process.stdout is not None
        return msgspec.json.decode(self._process.stdout.readline(), type=answer)


@contextmanager
def neighbour_process() -> Iterator[NeighbourProcess]:
    """A neighbour that has a callback URL and does not call yet."""
    command = [sys.executable, "-m", "tests.attacks.neighbour"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield NeighbourProcess(process)
        finally:
            process.kill()


class Attacked:
    """A service that is attacked, and its neighbour.

    Attributes:
        running: the process of the service.
        before, during: how the neighbour's calls went before the attack and from its begin on.
        growth_mb: by how much the memory of the service grew at most during the attack.
    """

    def __init__(self, running: Running, neighbour: NeighbourProcess, caller: Caller) -> None:
        self.running = running
        self._neighbour = neighbour
        self._caller = caller
        self.before = self.during = Lap(0, 0.0, [])
        self.growth_mb = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """The attack. Measures before and during it, and asserts in the end; once for each `Attacked`."""
        self._neighbour.start(self._caller)
        self._neighbour.lap(_WARM_UP_CALLS)
        self.before = self._neighbour.lap(_CALLS_BEFORE)
        resident = _restart_peak(self.running.process.pid)
        yield
        self.during = self._neighbour.lap(_CALLS_DURING)
        self.growth_mb = (_resident_bytes(self.running.process.pid, "VmHWM") - resident) / 1e6
        outcome = self._neighbour.finish()
        figures = f"before {self.before}, during {self.during}, memory grew by {self.growth_mb:.0f} MB"
        sys.stderr.write(f"{figures}\n")
        assert not self.before.refusals + self.during.refusals, figures
        assert self.growth_mb < MOST_GROWTH_MB, figures
        if self.during.p99_ms > max(MOST_P99_MS, MOST_SLOWDOWN * self.before.p99_ms):
            raise SlowedDownError(figures)
        assert outcome.accepted > 0
        assert not outcome.incomplete, f"{len(outcome.incomplete)} of {outcome.accepted} lack callbacks"


@contextmanager
def attacked_sandbox(data: Path | None = None, **caller: Any) -> Iterator[Attacked]:
    """A sandbox whose account 2 is the neighbour.

    Args:
        data: the data folder; without one it is in memory, since the latency of disks varies.
        caller: what differs of the `Caller`.
    """
    with (
        neighbour_process() as neighbour,
        TemporaryDirectory(prefix="waypost-attacked-", dir=_RAM_FOLDER) as folder,
        start_sandbox(data or Path(folder), callback_url=neighbour.callback_url) as running,
    ):
        yield Attacked(running, neighbour, Caller(port=running.port, **caller))


def _resident_bytes(pid: int, field: str) -> int:
    """A figure of the memory of a process, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def _restart_peak(pid: int) -> int:
    """Lets the peak of a process's memory count from now on; returns its memory now."""
    # Where the kernel does not allow it, the peak since the start is compared, which is never below.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="utf-8")
    return _resident_bytes(pid, "VmRSS")
