"""One sandbox process for all tests of a worker, and what they share: phones nobody else uses, the SDKs."""

from collections.abc import Iterator

import pytest

from tests.processes import Running, start_sandbox
from tests.sdk.callers import Phones, Sandbox


@pytest.fixture(scope="session")
def process() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(process: Running) -> Sandbox:
    return Sandbox(process)


@pytest.fixture(scope="session")
def phones() -> Phones:
    return Phones()
