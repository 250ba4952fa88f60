"""The benchmarks run to their end, with counts too small to measure; so the service and the floor start."""

from types import ModuleType
from typing import Any

import pytest

from bench import accept, bytecode, claims, configuration, latency, mass, routes, search, steady, timers

SMALL: dict[ModuleType, dict[str, Any]] = {
    accept: {"CONNECTIONS": 2, "CALLS": 20, "ROUNDS": 1, "TIMERS": 10},
    mass: {"RECIPIENTS": 10, "ROUNDS": 1},
    latency: {"RATES": (0, 20), "SECONDS": 0.2, "ROUNDS": 1},
    claims: {"ROWS": 200_000, "LANES": 1000, "CLAIMED": 500, "ROUNDS": 1},
    timers: {"PENDING": 2000, "PER_SECOND": 200, "SECONDS": 1},
    configuration: {"ENTRIES": 400, "ROUNDS": 4},
    routes: {
        "CALLS": 200,
        "CONNECTIONS": 4,
        "ROUNDS": 1,
        "WAITING": 200,
        "SHARED": 4000,
        "SECONDS": 2,
        "TURN_SECONDS": 0.2,
        "SETTLE_SECONDS": 0.2,
    },
    search: {"MESSAGES": 1500, "ROUNDS": 1},
    steady: {"WINDOW": 10, "MESSAGES": 30, "ROUNDS": 1},
}


_QUICK = (timers, configuration, search)


@pytest.mark.parametrize(
    "benchmark",
    [
        pytest.param(each, id=each.__name__, marks=() if each in _QUICK else pytest.mark.long)
        for each in SMALL
    ],
)
def test_a_benchmark_prints_its_figures(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in SMALL[benchmark].items():
        monkeypatch.setattr(benchmark, name, value)
    benchmark.main()
    assert "median" in capsys.readouterr().out


@pytest.mark.long
def test_the_bytecode_of_a_message_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    bytecode.main(["accepts"], messages=20, top=5)
    assert "src/waypost/" in capsys.readouterr().out
