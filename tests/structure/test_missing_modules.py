"""Modules that not every system has are used only where they exist."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
ABSENT = ["fcntl", "resource", "uvloop"]
_BLOCK = f"""
import sys
for name in {ABSENT!r}:
    sys.modules[name] = None
"""


def _modules() -> list[str]:
    paths = (SOURCE / "waypost").rglob("*.py")
    names = [".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in paths]
    # `__main__` runs a command, `env` is run by Alembic alone, and `mcp_tools` needs an extra.
    return sorted(
        name.removesuffix(".__init__")
        for name in names
        if not name.endswith(("__main__", "migrations.env", "mcp_tools")) and ".versions.0" not in name
    )


def test_every_module_can_be_imported_without_them() -> None:
    program = f"{_BLOCK}\nimport importlib\nfor name in {_modules()!r}:\n    importlib.import_module(name)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_they_are_there_on_this_system() -> None:
    for name in ABSENT:
        importlib.import_module(name)


def test_a_service_starts_without_uvloop_and_resource(tmp_path: Path) -> None:
    (tmp_path / "uvloop.py").write_text("raise ImportError", encoding="utf-8")
    (tmp_path / "resource.py").write_text("raise ImportError", encoding="utf-8")
    program = "import sys; from waypost.cli import main; sys.argv[1:] = ['demo']; main()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "as described" in done.stdout


def test_without_locks_a_data_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    program = f"""{_BLOCK}
from pathlib import Path
from waypost.storage.data_lock import DataFolderLockedError, hold_data_folder
try:
    with hold_data_folder(Path({str(tmp_path)!r})):
        pass
except DataFolderLockedError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    if sys.platform == "win32":
        pytest.skip("Windows has locks of its own")
    assert "no locks on files" in done.stdout, done.stderr
