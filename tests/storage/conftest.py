"""The stores that the conformance suite runs against; a second database is one more parameter."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.async_tests import pytest_pyfunc_call, runner
from tests.storage.databases import DATABASES, Database
from waypost.storage.contract import Store

__all__ = ["pytest_pyfunc_call", "runner"]


@pytest.fixture(params=DATABASES, ids=lambda kind: kind.__name__)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of one kind."""
    made = request.param(tmp_path)
    assert isinstance(made, Database)
    return made


@pytest.fixture
def store(database: Database, runner: asyncio.Runner) -> Iterator[Store]:
    """An open store on an empty database."""
    opened = database.open()
    yield opened
    runner.run(opened.close())
