"""The rules of a route's breaker: what is a failure of the provider, when it opens, what a probe comes to."""

import pytest

from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown
from waypost.model.routes.breaker import (
    BreakerOptions,
    Judgement,
    Noted,
    Sign,
    after_probe,
    is_probe_due,
    judge,
    opened,
    probing,
    should_open,
)
from waypost.model.routes.state import Breaker, RouteState

NOW = 1_000_000
OPTIONS = BreakerOptions(threshold=0.5, window=60_000, least=5, probes=[1000, 2000, 5000])
CLOSED = RouteState(route="r", paused_by="ops", paused_at=3, version=7)
OPEN = RouteState(
    route="r", breaker=Breaker.OPEN, since=NOW, reason="unreachable", failed=5, probe_at=NOW + 1000, version=8
)
PROBING = RouteState(
    route="r",
    breaker=Breaker.HALF_OPEN,
    since=NOW,
    reason="unreachable",
    failed=5,
    probes=1,
    probe_at=NOW + 9000,
    prober=3,
    version=9,
)
A, F, C, R = Sign.ANSWERS, Sign.FAILS, Sign.MISCONFIGURED, Sign.RESTS


def refused(failure: SendFailure, retry_after: int | None = None) -> Refused:
    return Refused(failure, "", "", retry_after)


_OF_THE_PROVIDER = {
    SendFailure.BUSY: F,
    SendFailure.UNREACHABLE: F,
    SendFailure.RATE_LIMITED: F,
    SendFailure.NOT_CONFIGURED: C,
}


@pytest.mark.parametrize("failure", SendFailure)
def test_a_refusal_of_one_message_is_an_answer(failure: SendFailure) -> None:
    judgement = judge(refused(failure))
    assert judgement.sign is _OF_THE_PROVIDER.get(failure, A)
    assert judgement.reason == ("" if judgement.sign is A else failure.value)


@pytest.mark.parametrize(
    ("outcome", "judgement"),
    [
        (Accepted("1"), Judgement(A)),
        (Unknown("no answer"), Judgement(F, "no_answer")),
        (refused(SendFailure.RATE_LIMITED, 7000), Judgement(R, "rate_limited", 7000)),
        (refused(SendFailure.RATE_LIMITED, 0), Judgement(F, "rate_limited")),
        # However long it wants to be left alone.
        (refused(SendFailure.RATE_LIMITED, 86_400_000), Judgement(R, "rate_limited", 3_600_000)),
        (refused(SendFailure.BUSY, 7000), Judgement(F, "busy")),
    ],
)
def test_what_an_outcome_shows_of_the_provider(outcome: Outcome, judgement: Judgement) -> None:
    assert judge(outcome) == judgement


@pytest.mark.parametrize(
    ("signs", "opens"),
    [
        ([], False),
        ([F] * 4, False),
        ([F] * 5, True),
        ([A, F, F, F, F], True),
        ([A, A, A, F, F], False),
        ([A, A, F, A, F, F], True),
        # Only a failure opens it.
        ([F] * 9 + [A], False),
        # A recipient's refusal between errors of configuration is an answer: another sender is well.
        ([C], True),
        ([A, C], False),
        ([A, C, C], False),
        ([A, C, C, C], True),
        ([A, C, A, C, C], False),
        ([F, C], True),
        ([A, A, A, A, A, R], True),
    ],
)
def test_when_it_opens(signs: list[Sign], opens: bool) -> None:
    noted = [Noted(NOW, sign) for sign in signs]
    assert should_open(noted, NOW, OPTIONS) is opens
    assert not should_open(noted, NOW, OPTIONS._replace(threshold=0)), "it never opens"


def test_what_was_long_ago_does_not_count() -> None:
    noted = [Noted(NOW, F)] * 4 + [Noted(NOW + 60_000, F)]
    assert not should_open(noted, NOW + 60_000, OPTIONS)
    assert should_open(noted, NOW + 59_999, OPTIONS)


def test_what_an_open_one_is() -> None:
    state = opened(CLOSED, NOW, "unreachable", 5, 1000)
    assert state == RouteState(
        route="r",
        breaker=Breaker.OPEN,
        since=NOW,
        reason="unreachable",
        failed=5,
        probe_at=NOW + 1000,
        paused_by="ops",
        paused_at=3,
        version=7,
    )
    assert opened(OPEN, NOW, "unreachable", 5, 1000) is None


@pytest.mark.parametrize(
    ("state", "now", "due"),
    [
        (CLOSED, NOW, False),
        (OPEN, NOW + 999, False),
        (OPEN, NOW + 1000, True),
        (PROBING, NOW + 8999, False),
        (PROBING, NOW + 9000, True),
        # Its prober is dead.
        (RouteState(route="r", breaker=Breaker.HALF_OPEN, prober=0, probe_at=NOW + 9000), NOW, True),
        (RouteState(route="r", breaker=Breaker.OPEN, paused_by="ops", probe_at=NOW), NOW, False),
    ],
)
def test_when_a_probe_is_due(state: RouteState, now: int, due: bool) -> None:
    assert is_probe_due(state, now) is due
    after = probing(state, 4, now, 500)
    assert (after is not None) is due
    if after is not None:
        assert (after.breaker, after.prober, after.probe_at) == (Breaker.HALF_OPEN, 4, now + 500)


@pytest.mark.parametrize(
    ("judgement", "breaker", "failed", "probe_at"),
    [
        (Judgement(A), Breaker.CLOSED, 0, 0),
        (Judgement(F, "busy"), Breaker.OPEN, 6, NOW + 5000),
        (Judgement(C, "not_configured"), Breaker.OPEN, 6, NOW + 5000),
        (Judgement(R, "rate_limited", 60_000), Breaker.OPEN, 6, NOW + 60_000),
    ],
)
def test_what_a_probe_comes_to(judgement: Judgement, breaker: Breaker, failed: int, probe_at: int) -> None:
    after = after_probe(PROBING, 3, NOW, judgement, OPTIONS)
    assert after is not None
    assert (after.breaker, after.failed, after.probe_at, after.prober) == (breaker, failed, probe_at, 0)
    assert (after.since, after.reason) == ((0, "") if breaker is Breaker.CLOSED else (NOW, judgement.reason))
    assert after_probe(PROBING, 4, NOW, judgement, OPTIONS) is None, "it is another one's probe"


def test_the_last_wait_repeats() -> None:
    assert [OPTIONS.wait(failed) for failed in range(5)] == [1000, 2000, 5000, 5000, 5000]
