"""Instructions of Python's bytecode that a message costs, by function, beside the floor's.

`python -m bench.bytecode [KIND…] [--messages N] [--top N]`; the kinds are `accepts` and those of
`bench.steady`. Two thirds of the service's CPU are the interpreter's, and they follow this count, which a
busy machine does not change: so it shows what a change saves where seconds are too noisy to. It knows nothing
of sockets, SQLite or other compiled code. A traced process is twenty times as slow, so batches are somewhat
larger than they are in life.
"""

import argparse
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench import load, signed
from bench.processes import Running, running
from bench.steady import serving

KINDS = ("accepts", "handed-on", "end-to-end", "slow")
CONNECTIONS = 128
_WARM_UP = 1_500
_LONGEST_S = 120
_PYTHON = f"{sys.base_prefix}/lib/python{sys.version_info.major}.{sys.version_info.minor}/"


class Row(NamedTuple):
    """A function: its file and name, instructions and calls."""

    file: str
    function: str
    instructions: int
    calls: int


async def count(name: str, kind: str, messages: int) -> list[Row]:
    """The functions that the floor or the service runs for `messages` messages, the dearest first."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "counts.json")
        if kind == "accepts":
            with (
                socket.create_server(("127.0.0.1", 0)) as silent,
                _accepting(name, folder, silent) as process,
            ):
                load.run(process.port, signed.requests(_WARM_UP, process.port), CONNECTIONS)
                with _counting(process, counts):
                    load.run(process.port, signed.requests(messages, process.port), CONNECTIONS)
        else:
            trace = ("bench.traced", os.fspath(counts))
            reports, slow = kind == "end-to-end", kind == "slow"
            async with serving(name, folder, reports=reports, slow=slow, within=trace) as server:
                await server.outside.run(iter(signed.requests(_WARM_UP, server.process.port)))
                with _counting(server.process, counts):
                    await server.outside.run(iter(signed.requests(messages, server.process.port)))
        return _read(counts)


def _accepting(name: str, folder: str, silent: socket.socket) -> AbstractContextManager[Running]:
    counts = str(Path(folder, "counts.json"))
    if name == "floor":
        return running("bench.traced", counts, "bench.floor", data=folder)
    url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
    return running(
        "bench.traced", counts, "bench.service", "service", data=folder, viber_url=url, concurrency=1
    )


@contextmanager
def _counting(process: Running, counts: Path) -> Iterator[None]:
    os.kill(process.pid, signal.SIGUSR1)
    yield
    os.kill(process.pid, signal.SIGUSR2)
    until = time.monotonic() + _LONGEST_S
    while not counts.exists() and time.monotonic() < until:
        time.sleep(0.05)


def _read(counts: Path) -> list[Row]:
    return [Row(*row) for row in json.loads(counts.read_text(encoding="utf-8"))]


def _print(title: str, rows: list[Row], messages: int, top: int) -> float:
    total = sum(row.instructions for row in rows) / messages
    print(f"{title}: {total:.0f} instructions a message")
    for row in rows[:top]:
        file = row.file.removeprefix(f"{Path.cwd()}/").removeprefix(_PYTHON)
        print(
            f"{row.instructions / messages:8.1f}  {row.calls / messages:6.2f} calls  {file}  {row.function}"
        )
    return total


def main(kinds: Sequence[str] = KINDS, messages: int = 2_000, top: int = 30) -> None:
    for kind in kinds:
        totals = {}
        for name, shown in (("floor", 0), ("service", top)):
            rows = uvloop.run(count(name, kind, messages))
            totals[name] = _print(f"{kind}, {name}", rows, messages, shown)
        print(f"{kind}: {totals['service'] / totals['floor']:.1f} of the floor's\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", metavar="|".join(KINDS))
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--top", type=int, default=30)
    options = parser.parse_args()
    main(options.kinds or KINDS, options.messages, options.top)
