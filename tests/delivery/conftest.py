"""The stages of delivery over a real store, with scripted providers and a clock that the test moves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.async_tests import pytest_pyfunc_call, runner
from tests.delivery.stages import Stages

__all__ = ["pytest_pyfunc_call", "runner"]


@pytest.fixture
def stages(tmp_path: Path, runner: asyncio.Runner) -> Iterator[Stages]:
    """One account (viber 20001, sms Shop) whose callbacks are stored and not pushed."""
    stages = Stages(tmp_path / "waypost.db")
    yield stages
    runner.run(stages.close())
