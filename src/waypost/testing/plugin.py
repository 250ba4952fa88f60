"""The pytest plugin: the fixture `waypost`, a sandbox of its own for each test."""

import os
import re
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from waypost.testing.process import URL_VARIABLE
from waypost.testing.sandbox import Sandbox, start_sandbox

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.]+")
_LONGEST_NAME = 120
_SANDBOX = pytest.StashKey[Sandbox]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("waypost", "messages that are sent to a simulated service")
    group.addoption(
        "--waypost-trace",
        action="store_true",
        help="attach what happened in its sandbox to each test's report",
    )
    group.addoption(
        "--waypost-keep-failed",
        default="",
        metavar="DIR",
        help="folder for the state of each failed test's sandbox, for `waypost sandbox --state`",
    )
    group.addoption("--waypost-seed", default="", help="settings (TOML) whose accounts sandboxes begin with")
    group.addoption(
        "--waypost-in-process",
        action="store_true",
        help="start the sandbox as a thread of this process: sooner ready, but it shares the interpreter",
    )
    group.addoption(
        "--waypost-url",
        default="",
        help=f"the sandbox to use; by default {URL_VARIABLE} of the environment, else one is started",
    )


@pytest.fixture(scope="session")
def waypost_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL that the sandboxes of all tests share."""
    url = str(pytestconfig.getoption("--waypost-url")) or os.environ.get(URL_VARIABLE, "")
    if url:
        yield url.rstrip("/")
        return
    seed = str(pytestconfig.getoption("--waypost-seed"))
    started = start_sandbox(seed, in_process=bool(pytestconfig.getoption("--waypost-in-process")))
    try:
        yield started.url
    finally:
        started.stop()


@pytest.fixture
def waypost(request: pytest.FixtureRequest, waypost_url: str) -> Iterator[Sandbox]:
    """A sandbox that no other test sees: an account, phones, a clock, callbacks."""
    made = Sandbox(waypost_url, f"t-{uuid.uuid4().hex[:12]}")
    request.node.stash[_SANDBOX] = made
    yield made
    made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attaches what happened to the report of a test that failed, or of each one if that is wanted."""
    report = yield
    made = item.stash.get(_SANDBOX, None)
    if (
        made is not None
        and call.when == "call"
        and (report.failed or item.config.getoption("--waypost-trace"))
    ):
        report.sections.append(("waypost", made.trace()))
        folder = str(item.config.getoption("--waypost-keep-failed"))
        if report.failed and folder:
            kept = _keep(made, Path(folder), item.nodeid)
            report.sections.append(("waypost", f"its state is kept: waypost sandbox --state {kept}"))
    return report


def _keep(made: Sandbox, folder: Path, nodeid: str) -> Path:
    """Writes the state of a sandbox to a file that is named like the test."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_NOT_IN_NAMES.sub('-', nodeid)[-_LONGEST_NAME:].strip('-')}.json"
    path.write_bytes(made.dump())
    return path
