"""`waypost sandbox` as a program starts it: one line when it is ready, and no process left behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ENDED_WITHIN, WAYPOST, fetch, start_sandbox, until

_PARENT = """
import subprocess, sys
child = subprocess.Popen([*sys.argv[1:], "--json", "--with-parent"], stdout=subprocess.PIPE, text=True)
print(child.stdout.readline(), end="", flush=True)
sys.stdin.read()
"""
COMMAND = [*WAYPOST, "sandbox", "--port", "0"]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that has ended and was not waited for is a zombie.
    return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").partition(")")[2][:4]


def test_one_line_for_programs_on_standard_output_and_in_a_file(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    command = [*COMMAND, "--json", "--ready-file", str(ready_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready: dict[str, Any] = json.loads(process.stdout.readline())
            assert json.loads(ready_file.read_text(encoding="utf-8")) == ready
            assert ready["pid"] == process.pid
            assert ready["url"] == f"http://{ready['endpoint']}"
            assert fetch(f"{ready['url']}/sandbox/clock")["ahead_seconds"] == 0
        finally:
            process.terminate()
        assert process.stdout.read() == ""
        assert process.wait(ENDED_WITHIN) == 0


_HASTY = """
import pathlib, subprocess, sys
nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
child = subprocess.Popen([*sys.argv[1:], "--with-parent"], **nowhere)
while "msgspec" not in pathlib.Path(f"/proc/{child.pid}/maps").read_text():
    pass
print(child.pid)
"""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_it_ends_with_a_parent_that_ends_while_it_starts() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HASTY, *COMMAND], capture_output=True, text=True, check=True
    )
    until(lambda: not is_running(int(done.stdout)), what="the sandbox to end")


def test_it_ends_with_its_parent_also_when_that_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, *COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        ready = json.loads(parent.stdout.readline())
        assert is_running(ready["pid"])
        parent.send_signal(signal.SIGKILL)
        parent.wait(ENDED_WITHIN)
    until(lambda: not is_running(ready["pid"]), what="the sandbox to end")


def test_what_a_killed_one_left_is_removed_by_the_next(tmp_path: Path) -> None:
    with start_sandbox(environment={"TMPDIR": str(tmp_path)}) as killed:
        [left] = tmp_path.glob("waypost-sandbox-*")
        killed.kill()
    assert left.is_dir()
    with start_sandbox(environment={"TMPDIR": str(tmp_path)}):
        [own] = tmp_path.glob("waypost-sandbox-*")
        assert own != left
        with start_sandbox(environment={"TMPDIR": str(tmp_path)}):
            assert own.is_dir()
    assert not list(tmp_path.glob("waypost-sandbox-*"))
