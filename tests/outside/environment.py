"""The wheel, and an environment of a user's that it is installed in beside the official SDK and pytest."""

import os
import re
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.docs.pages import ROOT, page
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
    """Makes the wheel and installs it by the README's commands, and a user's packages as they are pinned."""
    build, install = re.findall(r"`(python3 -m pip [^`]+)`", page("README.md"))
    of_tests = Path(sys.executable).parent
    _check(["bash", "-c", build.replace("dist", str(folder / "dist"))], ROOT, of_tests)
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    packages = ROOT / "requirements" / "outside.txt"
    # With the versions of the other tests.
    pins = re.findall(r"^([a-z0-9._-]+==[^ \\;]+)", packages.read_text("utf-8"), re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pins), encoding="utf-8")
    _check(["bash", "-c", f"{install} -q --constraint pins.txt"], folder, programs)
    users = ["python3", "-m", "pip", "install", "-q", "--require-hashes", "-r", str(packages)]
    _check(users, folder, programs)


def _check(command: Sequence[str], cwd: Path, programs: Path) -> None:
    variables = environment_of(None)
    variables["PATH"] = f"{programs}{os.pathsep}{variables['PATH']}"
    done = _run(command, cwd, variables)
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
