"""A nonce is accepted once, whatever the clock does, and across restarts and full filters."""

import hashlib

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.api.signed_calls import FakeNonceLog
from waypost.api.nonces import SLICE_S, NonceClaim, NonceGuard
from waypost.model.digest_filter import DigestFilter

START_S = 1_790_000_000
KEY = "key"


def number_of(text: object) -> int:
    return int.from_bytes(hashlib.blake2b(str(text).encode(), digest_size=16).digest(), "little")


class Service:
    """A guard with the store behind it, used as the front authenticator uses them."""

    def __init__(self) -> None:
        self.log = FakeNonceLog()
        self.guard = NonceGuard(self.log)

    def claim(self, nonce: str, now_s: float, key: str = KEY) -> NonceClaim | None:
        claim = self.guard.claim(key, nonce, now_s)
        if claim is not None:
            self.log.write(key, claim)
            self.guard.settle(claim)
        return claim

    def restart(self) -> None:
        self.guard = NonceGuard(self.log, unloaded={number for _, _, number in self.log.rows})


def test_a_nonce_is_taken_once_for_each_key() -> None:
    service = Service()
    assert service.claim("n", START_S)
    assert service.claim("n", START_S) is None
    assert service.claim("n", START_S, key="other")
    assert service.claim("m", START_S)


def test_a_claim_has_the_slice_of_its_arrival_and_the_digest_of_key_and_nonce() -> None:
    claim = Service().claim("n", START_S + 0.5)
    assert claim is not None
    assert claim.slice == START_S // 900
    assert claim.digest == hashlib.blake2b(b"key\nn", digest_size=16).digest()


def test_a_second_claim_of_a_nonce_is_refused_before_the_first_commits() -> None:
    log = FakeNonceLog()
    guard = NonceGuard(log)
    assert guard.claim(KEY, "n", START_S)
    assert guard.claim(KEY, "n", START_S) is None
    assert log.queries == []


def test_the_nonce_of_a_call_that_wrote_nothing_may_come_again() -> None:
    log = FakeNonceLog()
    guard = NonceGuard(log)
    claim = guard.claim(KEY, "n", START_S)
    assert claim is not None
    guard.settle(claim)
    assert guard.claim(KEY, "n", START_S) == claim
    assert log.queries == [(claim.slice,)]


@pytest.mark.parametrize("later_s", [1, 899, 900, 1799, 1800])
@pytest.mark.parametrize("start_s", [START_S // 900 * 900, START_S // 900 * 900 + 899])
def test_a_nonce_is_known_for_half_an_hour(start_s: int, later_s: int) -> None:
    service = Service()
    assert service.claim("n", start_s)
    assert service.claim("n", start_s + later_s) is None


def test_a_nonce_is_forgotten_after_three_quarters_of_an_hour() -> None:
    service = Service()
    assert service.claim("n", START_S)
    assert service.claim("n", START_S + 2700)


def test_new_nonces_do_not_reach_the_store() -> None:
    service = Service()
    for number in range(2000):
        assert service.claim(f"n{number}", START_S + number)
    assert len(service.log.queries) < 20


def test_after_a_restart_the_store_is_queried_until_its_rows_are_restored() -> None:
    service = Service()
    assert service.claim("n", START_S)
    service.restart()
    guard = service.guard
    assert guard.claim(KEY, "n", START_S) is None
    new = guard.claim(KEY, "new", START_S)
    assert new is not None
    assert len(service.log.queries) == 2
    guard.restore(service.log.rows)
    for number in sorted(guard.unloaded):
        guard.mark_restored(number)
    assert guard.claim(KEY, "newer", START_S)
    assert len(service.log.queries) == 2
    assert guard.claim(KEY, "n", START_S) is None
    assert service.log.queries[2:] == [(START_S // SLICE_S,)]


def test_rows_can_be_restored_before_the_first_call() -> None:
    service = Service()
    assert service.claim("n", START_S)
    guard = NonceGuard(service.log)
    guard.start(START_S)
    guard.restore([*service.log.rows, (KEY, bytes(16), 1)])
    assert guard.claim(KEY, "n", START_S) is None


def test_a_clock_moved_on_and_back_finds_the_nonces_of_before() -> None:
    service = Service()
    assert service.claim("n", START_S)
    assert service.claim("in an hour", START_S + 3600)
    assert service.claim("n", START_S) is None
    assert service.claim("other", START_S)
    assert service.claim("n", START_S + 60) is None
    assert service.claim("in an hour", START_S + 3600) is None


def test_the_filters_stay_small_when_the_clock_jumps() -> None:
    service = Service()
    claims = []
    for number in range(300):
        at = START_S + (number * 7919 % 101) * 3600
        claims.append(service.guard.claim(KEY, str(number), at))
        assert service.guard.filter_bytes <= 5 * DigestFilter().size_bytes
    assert None not in claims
    assert len(service.guard.unloaded) <= 101 * 3


class ClockAndCalls(RuleBasedStateMachine):
    """Calls, restarts and a clock that goes anywhere; a replay with a valid timestamp must never pass."""

    @initialize()
    def begin(self) -> None:
        self.service = Service()
        self.now_s = START_S
        self.taken: dict[str, int] = {}

    @rule(step_s=st.sampled_from([1, 300, 900, 1800, 5000, 86400, -1, -600, -1800, -5000, -86400]))
    def move(self, step_s: int) -> None:
        self.now_s += step_s

    @rule()
    def restart(self) -> None:
        self.service.restart()

    @rule(nonce=st.sampled_from("abcdef"))
    def call(self, nonce: str) -> None:
        claim = self.service.claim(nonce, self.now_s)
        before = self.taken.get(nonce)
        if before is None:
            assert claim is not None
        elif abs(self.now_s - before) <= 1800:
            assert claim is None
        if claim is not None:
            self.taken[nonce] = self.now_s

    @invariant()
    def few_filters(self) -> None:
        if hasattr(self, "service"):
            assert self.service.guard.filter_bytes <= 5 * DigestFilter().size_bytes


TestClockAndCalls = ClockAndCalls.TestCase
TestClockAndCalls.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_the_filter_never_denies_what_is_in_it_and_seldom_claims_what_is_not() -> None:
    filter_ = DigestFilter()
    for number in range(200_000):
        filter_.add(number_of(number))
    assert all(filter_.might_contain(number_of(number)) for number in range(200_000))
    false = sum(filter_.might_contain(number_of(-number)) for number in range(1, 50_001))
    assert false < 50_000 // 100


def test_a_filter_that_knows_what_to_expect_takes_under_four_bytes_a_nonce() -> None:
    filter_ = DigestFilter(expected=1_000_000)
    for number in range(1_000_000):
        # Odd constants spread the counter over the 128 bits; a real digest would take longer than the filter.
        filter_.add(number * 0x9E3779B97F4A7C15F39CC0605CEDC835 & (1 << 128) - 1)
    assert filter_.size_bytes < 4_000_000


@pytest.mark.long
@pytest.mark.timeout(400)
def test_half_an_hour_at_ten_thousand_calls_a_second_stays_small() -> None:
    # 45 minutes are the most that is kept: three slices of 9 million nonces each, and one is filled here; the
    # others are as large, since a slice is sized by the one before it.
    guard = NonceGuard(FakeNonceLog())
    for second in range(SLICE_S):
        now_s = START_S // SLICE_S * SLICE_S + second
        for number in range(10_000):
            claim = guard.claim(KEY, f"{second}-{number}", now_s)
            assert claim is not None
            guard.settle(claim)
    assert guard.filter_bytes < 36_000_000
