"""One browser for a file, one process for a worker, and in it a sandbox for each test by its own name."""

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.processes import Running, start_sandbox

_NAMES = itertools.count(1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def process() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def address(process: Running) -> str:
    """The address of a sandbox that nobody has used."""
    return f"{process.address}/@view-{next(_NAMES)}"
