"""Prints at the end how many seconds the tests of each room took."""

from collections import defaultdict

import pytest

_SECONDS = pytest.StashKey[defaultdict[str, float]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SECONDS] = defaultdict(float)
    config.pluginmanager.register(_Stopwatch(config.stash[_SECONDS]))


class _Stopwatch:
    """Adds up what tests report; with several workers, all reports come to the process that started them."""

    def __init__(self, seconds: defaultdict[str, float]) -> None:
        self._seconds = seconds

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        _, _, path = report.nodeid.partition("/")
        self._seconds[path.partition("/")[0] if "/" in path else "tests"] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rooms = sorted(config.stash[_SECONDS].items(), key=lambda room: -room[1])
    if rooms:
        spent = ", ".join(f"{room} {seconds:.0f}" for room, seconds in rooms)
        terminalreporter.write_line(f"seconds by room: {spent}")
