"""One sandbox for all tests of a worker, in which each test has one of its own by name."""

import itertools
from collections.abc import Iterator

import pytest

from tests.async_tests import pytest_pyfunc_call, runner
from tests.explorer.form_session import FormSession
from tests.processes import Running, start_sandbox

__all__ = ["pytest_pyfunc_call", "runner"]

_NAMES = itertools.count(1)


@pytest.fixture(scope="session")
def process() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def address(process: Running) -> str:
    """The address of a sandbox that nobody has used."""
    return f"{process.address}/@explored-{next(_NAMES)}"


@pytest.fixture
def session(address: str) -> FormSession:
    return FormSession(address)
