"""What concerns all tests: long ones begin first, and the end says how many seconds each room took."""

import os
from collections import defaultdict
from itertools import groupby

import pytest

_SECONDS = pytest.StashKey[defaultdict[str, float]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SECONDS] = defaultdict(float)
    config.pluginmanager.register(_Stopwatch(config.stash[_SECONDS]))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has each worker begin with a share of the long tests, so that none is left with one at the end.

    A worker gets as many as another, in their order; whoever is through takes some of another's last.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    quick = [item for item in items if not item.get_closest_marker("long")]
    files = [list(group) for _, group in groupby(long, lambda item: item.path)]
    items.clear()
    for worker in range(workers):
        share = [item for file in files[worker::workers] for item in file]
        size = (len(long) + len(quick)) // workers - len(share)
        taken = len(quick) if worker == workers - 1 else max(0, size)
        items += [*share, *quick[:taken]]
        del quick[:taken]


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
