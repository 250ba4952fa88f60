"""The clock that does not jump, and what the watch of the machine makes of it and of the disk."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from waypost.clock import RealTime
from waypost.server.watches import MachineWatch

S = 1_000_000_000
HOUR = 3600
START = 1_800_000_000


class Clocks:
    """A wall clock that is set by hand beside a monotonic one."""

    def __init__(self) -> None:
        self.steady_ns = 50 * S
        self.ahead_ns = START * S - self.steady_ns
        self.time = RealTime(lambda: self.steady_ns + self.ahead_ns, lambda: self.steady_ns)

    def pass_time(self, seconds: float) -> float | None:
        """Lets time pass, observes, and returns the step that was found."""
        self.steady_ns += int(seconds * S)
        return self.time.observe()

    def step(self, seconds: float) -> None:
        self.ahead_ns += int(seconds * S)


@pytest.mark.parametrize("step", [HOUR, -HOUR, 2, -2, 400 * 86_400])
def test_a_step_is_reported_once_and_moves_the_time_by_nothing(step: int) -> None:
    clocks = Clocks()
    clocks.step(step)
    assert clocks.time.seconds() == START
    assert clocks.pass_time(1) == step
    assert clocks.time.is_off
    assert abs(clocks.time.seconds() - (START + 1)) <= 0.01
    assert [clocks.pass_time(1) for _ in range(100)] == [None] * 100


def test_it_catches_up_by_one_second_in_a_hundred() -> None:
    clocks = Clocks()
    clocks.step(10)
    for _ in range(1000):
        clocks.pass_time(1)
    assert clocks.time.seconds() == START + 1000 + 10
    assert not clocks.time.is_off


def test_a_step_that_is_taken_back_is_over_at_once() -> None:
    clocks = Clocks()
    clocks.step(-HOUR)
    assert clocks.pass_time(1) == -HOUR
    clocks.step(HOUR)
    assert clocks.pass_time(1) == pytest.approx(HOUR)
    assert not clocks.time.is_off


def test_signatures_are_judged_by_the_wall_clock_but_by_no_time_that_has_passed() -> None:
    clocks = Clocks()
    clocks.step(HOUR)
    assert clocks.time.wall_seconds() == START + HOUR
    clocks.step(-2 * HOUR)
    clocks.pass_time(10)
    assert clocks.time.wall_seconds() == pytest.approx(START + 10, abs=0.2)
    clocks.step(HOUR)
    assert clocks.time.wall_seconds() == pytest.approx(START + 10, abs=0.2)


def test_small_corrections_are_followed_in_silence() -> None:
    clocks = Clocks()
    for _ in range(100):
        clocks.step(0.3)
        assert clocks.pass_time(60) is None
        assert not clocks.time.is_off


@given(st.lists(st.tuples(st.floats(0, 5000), st.floats(-10_000, 10_000)), max_size=30))
def test_it_never_runs_backward_and_never_faster_than_a_hundredth(moves: list[tuple[float, float]]) -> None:
    clocks = Clocks()
    for passed, step in moves:
        before = clocks.time.seconds()
        clocks.step(step)
        clocks.pass_time(passed)
        ran = clocks.time.seconds() - before
        assert passed * 0.99 - 0.001 <= ran <= passed * 1.01 + 0.001


def test_the_watch_logs_a_step_and_degrades(tmp_path: Path) -> None:
    clocks = Clocks()
    watch = MachineWatch(tmp_path, 0, clocks.time)
    assert list(watch.degraded()) == []
    clocks.step(HOUR)
    with capture_logs() as lines:
        watch.observe_clock()
        watch.observe_clock()
    assert [(line["event"], line["seconds"]) for line in lines] == [("clock.stepped", HOUR)]
    assert [reason.code for reason in watch.degraded()] == ["clock_step"]
    assert list(watch.not_ready()) == []


def test_a_disk_with_too_little_room_is_reported_once_until_there_is_more(tmp_path: Path) -> None:
    watch = MachineWatch(tmp_path, 200)
    with capture_logs() as lines:
        for free in (300, 200, 199, 100, 250, 10):
            watch.note_room(free)
            assert [reason.code for reason in watch.not_ready()] == (["disk_low"] if free < 200 else [])
    assert [line["event"] for line in lines] == ["disk.low", "disk.low"]


def test_a_disk_that_cannot_be_looked_at_is_not_called_full(tmp_path: Path) -> None:
    watch = MachineWatch(tmp_path, 200)
    watch.note_room(-1)
    assert list(watch.not_ready()) == []
