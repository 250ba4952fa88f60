"""A shop of somebody else's and its tests, by pytest and by vitest: the wheel, the SDK, and no conftest."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.outside.environment import Outside
from tests.processes import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

HERE = Path(__file__).parent
SHOP, VITEST = HERE / "shop", HERE / "vitest"
TESTS = (SHOP / "test_shop.py").read_text("utf-8").count("def test_")
COPIES = 16
# The official SDK, on Python 3.12 and later.
_STRICT = ("-W", "error", "-W", "ignore:datetime.datetime.utcnow:DeprecationWarning")
_PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *_STRICT)


@contextmanager
def shared_sandbox(outside: Outside, folder: Path) -> Iterator[tuple[str, Path]]:
    """A sandbox as a CI job starts it; its URL, and its log."""
    ready, log = folder / "ready.json", folder / "sandbox.log"
    command = [
        "waypost",
        "sandbox",
        "--port",
        "0",
        "--limit",
        "0",
        "--with-parent",
        "--ready-file",
        str(ready),
    ]
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command,
            env=outside.variables,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            until(ready.exists, what="the sandbox is ready")
            yield json.loads(ready.read_text("utf-8"))["url"], log
        finally:
            process.terminate()
            process.wait(20)


def test_the_suite_passes_without_any_set_up(outside: Outside, tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    assert sorted(path.name for path in tmp_path.glob("*.py")) == ["shop.py", "test_shop.py"]
    done = outside.run([*_PYTEST], tmp_path)
    assert re.search(rf"^{TESTS} passed", done.stdout, re.MULTILINE), done.stdout


def test_two_hundred_tests_share_a_sandbox_in_random_order(outside: Outside, tmp_path: Path) -> None:
    assert TESTS * COPIES > 200
    shutil.copy(SHOP / "shop.py", tmp_path)
    for number in range(COPIES):
        shutil.copy(SHOP / "test_shop.py", tmp_path / f"test_shop_{number}.py")
    with shared_sandbox(outside, tmp_path) as (url, log):
        options = ["-n", "4", "--randomly-seed", "1", "--waypost-url", url]
        done = outside.run([*_PYTEST, *options], tmp_path)
        assert re.search(rf"^{TESTS * COPIES} passed", done.stdout, re.MULTILINE), done.stdout[-5000:]
    assert "Traceback" not in log.read_text("utf-8")


def lines_of(*paths: Path) -> int:
    return sum(bool(line.strip()) for path in paths for line in path.read_text("utf-8").splitlines())


def test_a_suite_of_vitest_passes_with_ten_lines_of_set_up(outside: Outside, tmp_path: Path) -> None:
    assert lines_of(VITEST / "vitest.config.js", VITEST / "waypost.js") <= 10
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no node here: the suite of vitest is not run")
    shutil.copytree(VITEST, tmp_path, dirs_exist_ok=True)
    npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    installed = outside.run(npm, tmp_path)
    if installed.returncode:
        pytest.skip(f"npm could not install the packages: {installed.stderr[-200:]}")
    done = outside.run(["npm", "test"], tmp_path)
    shown = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)
    assert done.returncode == 0, shown + done.stderr
    assert re.search(r"Tests  4 passed \(4\)", shown), shown
