"""The programs of the guide to testing, in a project of a user's."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import blocks, page
from waypost.testing import Sandbox


def project(folder: Path) -> None:
    """Writes the files of the guide, which name themselves in their first lines."""
    [seed] = blocks("docs/testing.md", "toml")
    (folder / "waypost.toml").write_text(seed, encoding="utf-8")
    for block in blocks("docs/testing.md", "python"):
        named = re.match(r"# (\w+\.py)\n", block)
        (folder / (named[1] if named else "script.py")).write_text(block, encoding="utf-8")


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_project_passes_its_tests(tmp_path: Path) -> None:
    project(tmp_path)
    done = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_program.py")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_recipes_pass(tmp_path: Path) -> None:
    project(tmp_path)
    done = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_recipes.py", "test_outages.py")
    assert re.search(r"^12 passed", done.stdout, re.MULTILINE), done.stdout


def test_the_receiver_of_signed_callbacks_passes_its_tests(tmp_path: Path) -> None:
    project(tmp_path)
    options = ["-q", "-p", "no:cacheprovider", "--waypost-seed", "waypost.toml"]
    done = run(tmp_path, "-m", "pytest", *options, "test_receiver.py")
    assert re.search(r"^3 passed", done.stdout, re.MULTILINE), done.stdout


def test_the_script_runs(tmp_path: Path) -> None:
    project(tmp_path)
    done = run(tmp_path, "script.py")
    assert done.returncode == 0, done.stderr


def test_what_the_table_names_is_there() -> None:
    rows = re.findall(r"^\| (`.*?) \|", page("docs/testing.md"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(?:waypost\.)?([a-z_]+)", row)}
    # Attributes of the object, not of its class.
    named -= {"endpoint", "access_key_id", "access_key_secret"}
    assert named
    assert named <= set(dir(Sandbox))
