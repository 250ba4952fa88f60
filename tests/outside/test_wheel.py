"""What the wheel has: all of the package, typed, and nothing else; and what it costs to install."""

import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, page
from tests.outside.environment import Outside

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

MB = 1_000_000
_USE = """
waypost --version
waypost sandbox --port 0 > sandbox.log &
until grep -q ready sandbox.log; do sleep 0.1; done
waypost send --to 4915112345678 --text hi --endpoint "$(sed -n 's/.*ready on //p' sandbox.log)"
kill $!
"""


def in_git() -> set[str]:
    """The files of the package, as the repository has them."""
    listed = subprocess.run(
        ["git", "ls-files", "src/waypost"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.removeprefix("src/") for name in listed.stdout.splitlines() if (ROOT / name).exists()}


def test_it_has_the_package_and_nothing_else(outside: Outside) -> None:
    with zipfile.ZipFile(outside.wheel) as wheel:
        names = set(wheel.namelist())
    files = {name for name in names if name.startswith("waypost/")}
    assert files == in_git()
    assert "waypost/py.typed" in files
    [about] = {name.partition("/")[0] for name in names - files}
    assert re.fullmatch(r"waypost-[\d.]+\.dist-info", about)


def test_it_runs_where_nothing_else_of_this_folder_is(outside: Outside, tmp_path: Path) -> None:
    done = outside.run(["bash", "-euo", "pipefail", "-c", _USE], tmp_path)
    assert done.returncode == 0, done.stderr
    version, message_id = done.stdout.splitlines()
    assert (version.split()[0], len(message_id)) == ("waypost", 25)


def test_an_index_would_take_it(outside: Outside) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", str(outside.wheel)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_needs_what_the_project_declares(outside: Outside) -> None:
    with zipfile.ZipFile(outside.wheel) as wheel:
        [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = message_from_bytes(wheel.read(name))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    required = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    named = {re.split(r"[^a-z0-9-]", text)[0] for text in required}
    assert named == {re.split(r"[^a-z0-9-]", text)[0] for text in project["dependencies"]}
    assert metadata["Requires-Python"] is not None
    assert metadata["License-Expression"] == project["license"]


def test_what_is_public_is_typed_for_a_user(outside: Outside, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from waypost.testing import Sandbox, sandbox\n\n\n"
        "def codes(waypost: Sandbox) -> list[str]:\n"
        '    waypost.expect_message("1", state="read")\n'
        "    return [call.code for call in waypost.refused]\n\n\n"
        "with sandbox() as one:\n    reveal_type(one.messages)\n    one.no_such_thing\n",
        encoding="utf-8",
    )
    python = str(outside.folder / "bin" / "python")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, str(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Revealed type is "list[waypost.testing.records.Message]"' in done.stdout, done.stdout
    assert re.findall(r"error: (.*)  \[", done.stdout) == ['"Sandbox" has no attribute "no_such_thing"']


def test_it_is_as_light_as_in_the_guide(outside: Outside) -> None:
    guide = page("docs/testing.md")
    found = re.search(r"The wheel has (\d\.\d) MB and (\d+) direct dependencies", guide)
    assert found is not None
    assert outside.wheel.stat().st_size / MB == pytest.approx(float(found[1]), abs=0.15)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert int(found[2]) == len(project["dependencies"])


def test_the_plugin_costs_a_project_that_does_not_use_it_next_to_nothing(outside: Outside) -> None:
    """It is loaded by every run of pytest in the environment: nothing of the service comes with it."""
    program = (
        "import sys, pytest; before = set(sys.modules); import waypost.testing.plugin;"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = outside.run(["python", "-c", program], outside.folder)
    assert done.returncode == 0, done.stderr
    heavy = {
        "sqlalchemy",
        "aiohttp",
        "starlette",
        "uvicorn",
        "alembic",
        "cryptography",
        "typer",
        "rich",
        "jinja2",
    }
    assert not heavy & set(done.stdout.split())
