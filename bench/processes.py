"""The processes that the benches measure, and what they take of the machine."""

import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Running(NamedTuple):
    """A process under measurement; `ready_after` is in seconds from its start."""

    port: int
    pid: int
    ready_after: float


@contextmanager
def running(module: str, *arguments: str, **options: object) -> Iterator[Running]:
    """Runs a module as a process that listens on `--port`, and ends it afterwards."""
    started = time.perf_counter()
    port = a_free_port()
    command = [sys.executable, "-m", module, *arguments, "--port", str(port)]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError(f"{' '.join(command)} did not start")
            yield Running(port, process.pid, time.perf_counter() - started)
        finally:
            # What it wrote is thrown away, and a request that hangs would hold a stop up.
            process.kill()
            process.wait(60)


def a_free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident_mib(pid: int) -> float:
    """The resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def cpu_seconds(pid: int) -> float:
    """The CPU seconds that all threads of a process took so far, in the kernel too."""
    # The second field is the name of the program, which may have blanks.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def ratio(figure: float, floor: float) -> float:
    """A figure against the floor's; not a number when the floor's is too small to be measured."""
    return figure / floor if floor else math.nan
