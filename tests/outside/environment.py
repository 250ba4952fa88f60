"""The wheel, and an environment of a user's that it is installed in beside the official SDK and pytest."""

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.docs.pages import ROOT
from tests.processes import environment_of

_MADE_WITHIN_S = 300


class Outside(NamedTuple):
    """An environment that knows nothing of this folder.

    Attributes:
        wheel: the wheel that is installed in it.
        folder: the virtual environment.
    """

    wheel: Path
    folder: Path

    def run(self, command: Sequence[str], cwd: Path) -> "subprocess.CompletedProcess[str]":
        """Runs a command of the environment in a folder of the user's."""
        return _run(command, cwd, self.variables)

    @property
    def variables(self) -> dict[str, str]:
        """Variables of a shell in which it is active, and not below the test run that this is."""
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {**inherited, **environment_of(None), "PATH": path}


def made(folder: Path) -> None:
    """Makes the wheel as the README says, and installs it with the pinned packages of a user's project."""
    _check([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(folder), "."], ROOT)
    [wheel] = folder.glob("waypost-*.whl")
    venv.create(folder / "venv", with_pip=True)
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "-q"]
    _check([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "outside.txt")], folder)
    _check([*pip, "--no-deps", str(wheel)], folder)


def _check(command: Sequence[str], cwd: Path) -> None:
    done = _run(command, cwd, environment_of(None))
    assert done.returncode == 0, done.stderr


def _run(command: Sequence[str], cwd: Path, variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=cwd,
        env=variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_MADE_WITHIN_S,
        check=False,
    )
