"""A background task is started again after an error."""

import asyncio

import pytest

from waypost.server import maintenance


async def _until_it_works(outcomes: list[str]) -> None:
    outcomes.append("begun")
    if len(outcomes) < 3:
        raise RuntimeError("the disk was full")


def test_an_error_does_not_end_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_RESTART_DELAY_S", 0.0)
    outcomes: list[str] = []

    async def run() -> None:
        await _until_it_works(outcomes)

    asyncio.run(maintenance.supervise(run))
    assert outcomes == ["begun"] * 3
