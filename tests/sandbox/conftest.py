"""Lets the tests of the sandbox be `async def`, and has a sandbox of its own for each of those by control."""

from collections.abc import Iterator

import pytest

from tests.async_tests import pytest_pyfunc_call, runner
from tests.processes import start_sandbox
from waypost.testing import Sandbox, sandbox

__all__ = ["pytest_pyfunc_call", "runner"]


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The address of a process that serves any number of sandboxes."""
    with start_sandbox(limit=0) as process:
        yield process.address


@pytest.fixture
def made(url: str) -> Iterator[Sandbox]:
    """A sandbox of one test, in that process."""
    with sandbox(url) as one:
        yield one
