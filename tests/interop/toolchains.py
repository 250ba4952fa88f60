"""Clients in other languages, made ready: installed from their pinned files, once for each state of those."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.pages import ROOT

HERE = Path(__file__).parent
# Downloads of a cold machine are slow; none of the tests waits for the network otherwise.
_INSTALLED_WITHIN_S = 300


class Toolchain(NamedTuple):
    """How the programs of one language are made ready.

    Attributes:
        language: its name.
        source: the folder with its programs and their pinned packages.
        tools: what must be on the PATH.
        install: the commands that fetch the packages and build what has to be built, in a copy of the folder.
    """

    language: str
    source: Path
    tools: tuple[str, ...]
    install: tuple[tuple[str, ...], ...]


CLASSPATH = ("mvn", "-q", "-B", "dependency:build-classpath", "-Dmdep.outputFile=classpath.txt")
NODE = Toolchain(
    "Node", HERE / "node", ("node", "npm"), (("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"),)
)
GO = Toolchain("Go", HERE / "go", ("go",), (("go", "build", "-o", "caller", "."),))
JAVA = Toolchain(
    "Java",
    HERE / "java",
    ("java", "javac", "mvn"),
    (
        CLASSPATH,
        ("sh", "-c", 'javac -encoding UTF-8 -cp "$(cat classpath.txt)" Caller.java'),
    ),
)


def installed(toolchain: Toolchain) -> Path:
    """The folder with the programs of a language and all that they need.

    It is kept below `.interop`, by the digest of its files. Where the toolchain is missing, or the packages
    cannot be had, the test is skipped, and says so.
    """
    language, source, tools, install = toolchain
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)} here: what is in {language} is not run")
    files = sorted(path for path in source.rglob("*") if path.is_file())
    contents = b"".join(str(path.relative_to(source)).encode() + path.read_bytes() for path in files)
    digest = hashlib.sha256(contents).hexdigest()
    kept = ROOT / ".interop"
    kept.mkdir(exist_ok=True)
    folder = kept / f"{language}-{digest[:16]}"
    # Each worker would download the same.
    with (kept / f"{language}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder)
            for command in install:
                _install(language, command, folder)
            (folder / "ready").touch()
    return folder


def _install(language: str, command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_INSTALLED_WITHIN_S,
        check=False,
    )
    if done.returncode:
        # Other bytes than the pinned ones, and programs that do not compile, are no matter of the network.
        wrong = ("EINTEGRITY", "SECURITY ERROR", "error: ", ".go:", "Checksum validation failed")
        assert not any(sign in done.stderr for sign in wrong), done.stderr
        pytest.skip(f"the packages of {language} could not be had: {(done.stderr or done.stdout)[-200:]}")
