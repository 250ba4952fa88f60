"""Other processes that use the service's database as they may: a neighbour's calls are not concerned."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.attacks.harness import attacked_sandbox
from tests.processes import until

pytestmark = pytest.mark.long

_READ = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM journal").fetchone()
print("reading", flush=True)
sys.stdin.readline()
"""
_WRITE = """
import sqlite3, sys, threading
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
pause = threading.Event()
for number in range(10**9):
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT OR REPLACE INTO fact (name, value) VALUES ('other', ?)", (str(number),))
    pause.wait(0.02)
    connection.execute("COMMIT")
    if number == 0:
        print("writing", flush=True)
    pause.wait(0.1)
"""


@pytest.mark.parametrize("program", [_READ, _WRITE], ids=["an old snapshot", "a steady writer"])
def test_another_process_on_the_database(tmp_path: Path, program: str) -> None:
    with attacked_sandbox(tmp_path) as attacked, attacked.measured(), other_process(tmp_path, program):
        # The neighbour makes its calls meanwhile.
        passed = time.monotonic() + 3.0
        until(lambda: time.monotonic() > passed)


@contextmanager
def other_process(data: Path, program: str) -> Iterator[None]:
    command = [sys.executable, "-c", program, str(data / "waypost.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield
        finally:
            process.kill()
