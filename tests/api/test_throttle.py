"""Rate limits hold in any window of a second, compared with brute force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.api.throttle import FailedSignatures, SlidingWindow, Throttle

# Multiples of 1/1024 s are exact in binary, so that the comparison with brute force is exact too.
ticks = st.lists(st.integers(0, 700), max_size=60)


def times(steps: list[int]) -> list[float]:
    now, found = 0, []
    for step in steps:
        now += step
        found.append(now / 1024)
    return found


@given(ticks, st.integers(1, 5))
def test_agrees_with_counting_the_accepted_of_the_last_second(steps: list[int], limit: int) -> None:
    window = SlidingWindow(limit)
    accepted: list[float] = []
    for now_s in times(steps):
        room = sum(now_s - past < 1 for past in accepted) < limit
        wait = window.allow(now_s)
        assert (wait == 0) == room
        if room:
            accepted.append(now_s)
    for start in accepted:
        assert sum(start <= other < start + 1 for other in accepted) <= limit


@given(ticks, st.integers(1, 5))
def test_the_returned_wait_is_just_enough(steps: list[int], limit: int) -> None:
    window = SlidingWindow(limit)
    for now_s in times(steps):
        wait = window.allow(now_s)
        if wait:
            assert window.wait(now_s + wait / 1000 + 1e-9) == 0
            assert wait == 1 or window.wait(now_s + (wait - 1) / 1000 - 1e-9) > 0


def test_a_burst_as_large_as_the_limit_passes_at_once() -> None:
    window = SlidingWindow(250)
    assert [window.allow(7.0) for _ in range(251)] == [0] * 250 + [1000]
    assert window.allow(7.75) == 250
    assert window.allow(8.0) == 0


def test_a_clock_that_steps_back_does_not_open_the_window() -> None:
    window = SlidingWindow(2)
    assert [window.allow(5.0), window.allow(4.0)] == [0, 0]
    assert window.allow(5.5) == 500
    assert window.allow(6.0) == 0


def test_a_window_needs_a_limit() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        SlidingWindow(0)


def test_limits_are_by_account_and_operation() -> None:
    throttle = Throttle({"Send": 1}, default=2, overrides={("big", "Send"): 3})
    assert [throttle.allow("a", "Send", 0.0) for _ in range(2)] == [0, 1000]
    assert throttle.allow("b", "Send", 0.0) == 0
    assert [throttle.allow("a", "List", 0.5) for _ in range(3)] == [0, 0, 1000]
    assert [throttle.allow("big", "Send", 0.0) for _ in range(4)] == [0, 0, 0, 1000]


def test_zero_is_unlimited() -> None:
    throttle = Throttle({"Send": 0}, default=1, overrides={("a", "List"): 0})
    assert {throttle.allow("a", operation, 0.0) for operation in ["Send", "List"] * 500} == {0}


def test_an_override_can_be_set_and_removed() -> None:
    throttle = Throttle({"Send": 1})
    assert [throttle.allow("a", "Send", 0.0) for _ in range(2)] == [0, 1000]
    throttle.override("a", "Send", 2)
    assert throttle.limit("a", "Send") == 2
    assert [throttle.allow("a", "Send", 0.0) for _ in range(3)] == [0, 0, 1000]
    throttle.override("a", "Send", None)
    assert throttle.limit("a", "Send") == 1


def test_accounts_that_are_quiet_are_forgotten_and_busy_ones_are_not() -> None:
    throttle = Throttle({}, default=1)
    for number in range(5000):
        throttle.allow(f"a{number}", "Send", number / 100)
    assert len(throttle._windows) <= 1025
    assert throttle.allow("a4999", "Send", 50.0) > 0


def failed(now: list[float], per_second: int = 2, capacity: int = 100) -> FailedSignatures:
    return FailedSignatures(per_second, capacity, lambda: now[0])


def test_failures_are_limited_for_a_key_whatever_the_peer() -> None:
    limits = failed([0.0])
    assert [limits.count_failure("key", f"peer {number}") for number in range(3)] == [0, 0, 1000]
    assert limits.count_failure("other", "peer 9") == 0


def test_failures_are_limited_for_a_peer_whatever_the_key() -> None:
    limits = failed([0.0])
    assert [limits.count_failure(f"key {number}", "peer") for number in range(3)] == [0, 0, 1000]
    assert limits.count_failure("key 9", "other") == 0


def test_failures_are_answered_again_after_a_second() -> None:
    now = [0.0]
    limits = failed(now, per_second=1)
    assert limits.count_failure("key", "peer") == 0
    now[0] = 0.25
    assert limits.count_failure("key", "peer") == 750
    now[0] = 1.0
    assert limits.count_failure("key", "peer") == 0


def test_a_key_and_a_peer_of_the_same_name_are_two_things() -> None:
    limits = failed([0.0], per_second=1)
    assert limits.count_failure("192.0.2.1", "p") == 0
    assert limits.count_failure("k", "192.0.2.1") == 0


def test_failures_remember_a_bounded_number_and_forget_the_longest_quiet() -> None:
    limits = failed([0.0], per_second=1, capacity=10)
    limits.count_failure("key", "peer")
    for number in range(1000):
        assert limits.count_failure("key", f"peer {number}") == 1000
    assert len(limits) == 10
    assert limits.count_failure("key", "new peer") == 1000
    assert limits.count_failure("new key", "peer") == 0
