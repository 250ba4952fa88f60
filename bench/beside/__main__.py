"""Installs, starts and measures each service; see the package."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from bench.beside.services import PYTEST, SERVICES, Service
from waypost.server.http import listen, port_of

_ROOT = Path(__file__).parents[2]
_STARTS, _SUITES = 10, 5
_READY_WITHIN_S = 30.0
_MEGABYTE = 1_000_000
_open = build_opener(ProxyHandler({})).open


def _run(command: Sequence[str | Path], cwd: Path, **more: str) -> None:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, cwd=cwd, env=environment | more, check=True, capture_output=True, timeout=300)


def _install(service: Service, folder: Path) -> Path:
    """An environment with what users of a service install; its folder of programs."""
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    packages: list[str | Path] = [PYTEST, *service.packages]
    if service.name == "waypost":
        _run(
            [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", folder, str(_ROOT)],
            folder,
        )
        packages += folder.glob("waypost-*.whl")
    _run([programs / "python", "-m", "pip", "install", "-q", *packages], folder)
    if service.module:
        _run(["go", "install", service.module], folder, GOBIN=str(folder))
    return programs


def _seconds_to_ready(command: Sequence[str], port: int) -> float:
    before = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            assert process.poll() is None, command
            assert time.perf_counter() - before < _READY_WITHIN_S, command
            time.sleep(0.002)
        return time.perf_counter() - before
    finally:
        process.kill()
        process.communicate()


def _answers(port: int) -> bool:
    try:
        _open(f"http://127.0.0.1:{port}/", timeout=5).close()
    except HTTPError as answer:
        answer.close()
    except (URLError, ConnectionError):
        return False
    return True


def _median(measure: Callable[[], float], times: int) -> float:
    measure()
    return statistics.median(measure() for _ in range(times))


def _free_port() -> int:
    with listen("127.0.0.1", 0) as free:
        return port_of(free)


def _start(service: Service, folder: Path, programs: Path) -> float:
    port = _free_port()
    names = {"port": port, "bin": programs, "program": folder / "stripe-mock"}
    return _seconds_to_ready([part.format(**names) for part in service.command], port)


def _size(service: Service, folder: Path) -> int:
    if service.module:
        return (folder / "stripe-mock").stat().st_size
    [packages] = (folder / "venv").glob("lib/python3.*/site-packages")
    own = re.compile(r"(pip|setuptools|pkg_resources|_distutils_hack)\b")
    files = [
        path for each in packages.iterdir() if not own.match(each.name) for path in [each, *each.rglob("*")]
    ]
    return sum(path.stat().st_size for path in files if path.is_file())


def set_up_lines(suite: str) -> int:
    """The lines between `# set-up` and `# tests`."""
    parts = re.findall(r"# set-up\n(.*?)# tests\n", suite, re.DOTALL)
    return sum(bool(line.strip()) for part in parts for line in part.splitlines())


def _suite(service: Service, folder: Path, programs: Path) -> float:
    suite = folder / "suite"
    suite.mkdir(exist_ok=True)
    shutil.copy(service.suite, suite)
    before = time.perf_counter()
    _run(
        [programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        suite,
        STRIPE_MOCK=str(folder / "stripe-mock"),
    )
    return time.perf_counter() - before


def main() -> None:
    print("| | ready | size | set-up | 20 tests |\n| --- | --- | --- | --- | --- |")
    for service in SERVICES:
        if service.module and shutil.which("go") is None:
            print(f"| {service.name} | no Go here | | | |")
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            programs = _install(service, folder)
            suite = _median(lambda: _suite(service, folder, programs), _SUITES)  # noqa: B023
            ready = _median(lambda: _start(service, folder, programs), _STARTS)  # noqa: B023
            size = _size(service, folder) / _MEGABYTE
            lines = set_up_lines(service.suite.read_text("utf-8"))
            print(f"| {service.name} | {ready:.2f} s | {size:.0f} MB | {lines} | {suite:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
