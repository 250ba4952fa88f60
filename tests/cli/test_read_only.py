"""A system that can hardly be written: a sentence and exit code 2, never a traceback."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.processes import environment_of


def run_unable_to_write(
    arguments: Sequence[str], folder: Path, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Runs waypost with no terminal, no home, and where nothing can be written to any file."""
    return subprocess.run(
        [sys.executable, "-m", "waypost", *arguments],
        env={**environment_of(None), "HOME": "/nowhere", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )


def assert_one_sentence(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    [sentence] = [line for line in done.stderr.splitlines() if line.startswith("waypost: ")]
    for word in words:
        assert word in sentence


@pytest.mark.parametrize(
    ("command", "remedy"), [(["sandbox", "--port", "0"], "--data"), (["demo"], "TMPDIR")]
)
def test_no_temporary_folder(command: list[str], remedy: str, tmp_path: Path) -> None:
    assert_one_sentence(run_unable_to_write(command, tmp_path), "no temporary folder", remedy)


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    for command in (
        ["serve", "--config", str(config), "--port", "0"],
        ["keys", "list", "--config", str(config)],
    ):
        done = run_unable_to_write(command, tmp_path)
        assert_one_sentence(done)


def test_a_data_folder_in_a_place_that_is_none(tmp_path: Path) -> None:
    done = run_unable_to_write(["sandbox", "--port", "0", "--data", f"{os.devnull}/data"], tmp_path)
    assert_one_sentence(done, "--data")


def test_what_needs_no_file_runs_on_a_system_that_cannot_be_written(tmp_path: Path) -> None:
    done = run_unable_to_write(["version"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
