"""The wheel that the README makes runs in a project that has nothing else of this folder."""

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, page
from tests.processes import environment_of

_USE = """
waypost --version
waypost sandbox --port 0 > sandbox.log &
until grep -q ready sandbox.log; do sleep 0.1; done
waypost send --to 4915112345678 --text hi --endpoint "$(sed -n 's/.*ready on //p' sandbox.log)"
kill $!
"""


def _bash(script: str, folder: Path, python: Path) -> "subprocess.CompletedProcess[str]":
    environment = environment_of(None)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**environment, "PATH": f"{python.parent}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.long
def test_the_wheel_is_made_and_installed(tmp_path: Path) -> None:
    build, install = re.findall(r"`(python3 -m pip [^`]+)`", page("README.md"))
    made = _bash(build.replace("dist", str(tmp_path / "dist")), ROOT, Path(sys.executable))
    assert made.returncode == 0, made.stderr
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python3"
    # With the versions of the other tests.
    locked = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    pins = "\n".join(re.findall(r"^([a-z0-9._-]+==[^ \\;]+)", locked, re.MULTILINE))
    (tmp_path / "pins.txt").write_text(pins, encoding="utf-8")
    done = _bash(f"{install} --constraint pins.txt", tmp_path, python)
    assert done.returncode == 0, done.stderr
    shown = _bash(_USE, tmp_path, python)
    assert shown.returncode == 0, shown.stderr
    version, message_id = shown.stdout.splitlines()
    assert (version.split()[0], len(message_id)) == ("waypost", 25)
