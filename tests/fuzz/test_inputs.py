"""What fuzzing once found is replayed, quickly; the long tier fuzzes for half a minute."""

import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.service import http_service
from tests.fuzz.soak_fuzz import fuzz
from tests.fuzz.targets import BROKEN, TARGETS

INPUTS = Path(__file__).parent / "inputs"
# The one time that an issue sets for an input, in seconds of CPU; the smallest of some tries.
SLOWEST_S = 0.1
_TRIES = 3
_SECONDS = 30
_SEED = 20261126


@pytest.fixture(scope="module", autouse=True)
def _close_service() -> Iterator[None]:
    yield
    if http_service.cache_info().currsize:  # type: ignore[attr-defined]
        http_service().close()
        http_service.cache_clear()  # type: ignore[attr-defined]


def kept(target: str) -> list[bytes]:
    """The seeds of a target, and what was found."""
    found = sorted((INPUTS / target).glob("*"))
    return [*TARGETS[target].seeds, *(path.read_bytes() for path in found)]


def test_what_was_found_belongs_to_a_target() -> None:
    assert {path.name for path in INPUTS.iterdir() if path.is_dir()} <= TARGETS.keys()


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_found_is_taken_or_refused_in_time(target: str) -> None:
    inputs = kept(target)
    assert inputs
    for data in inputs:
        # The first try may have to import what it needs.
        TARGETS[target].run(data)
        seconds = min(_time_of(target, data) for _ in range(_TRIES))
        assert seconds < SLOWEST_S, data[:200]


def _time_of(target: str, data: bytes) -> float:
    begun = time.process_time()
    TARGETS[target].run(data)
    return time.process_time() - begun


@pytest.mark.long
@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no build for this machine"
)
# Each target has a process of its own, which takes a second or two to start.
@pytest.mark.timeout(240)
def test_half_a_minute_of_fuzzing_finds_nothing(tmp_path: Path) -> None:
    faults = fuzz(TARGETS, max(1, _SECONDS // len(TARGETS)), _SEED, tmp_path)
    assert faults == {}, "\n".join(faults.values())


@pytest.mark.long
@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no build for this machine"
)
def test_fuzzing_finds_a_fault(tmp_path: Path) -> None:
    faults = fuzz([*BROKEN, "content"], 5, _SEED, tmp_path)
    assert faults.keys() == BROKEN.keys()
    assert "ValueError: b'a" in faults["broken"]
