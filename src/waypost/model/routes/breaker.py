"""The rules of a route's circuit breaker: what counts as a failure of the provider, when it opens, what a
probe comes to."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Outcome, Refused, Unknown
from waypost.model.routes.state import Breaker, RouteState

NO_ANSWER = "no_answer"
# However long a provider wants to be left alone, so often it is asked, in milliseconds.
_LONGEST_REST_MS = 3_600_000
# So many errors of configuration in a row are the route's, not those of one of its senders.
_MISCONFIGURED_IN_A_ROW = 3


class Sign(Enum):
    """What an outcome says of the provider."""

    ANSWERS = "it answered about the message"
    FAILS = "it failed"
    MISCONFIGURED = "it refused the sender or the credentials"
    RESTS = "it wants to be left alone for some time"


class Judgement(NamedTuple):
    """What an outcome says of the provider, and not of the message.

    Attributes:
        reason: of a failure: a `SendFailure`, or `no_answer`.
        rest_ms: for how long it wants to be left alone, in milliseconds.
    """

    sign: Sign
    reason: str = ""
    rest_ms: int = 0


_ANSWERS = Judgement(Sign.ANSWERS)
_FAILURES = {
    failure: Judgement(Sign.FAILS, failure.value)
    for failure in (SendFailure.BUSY, SendFailure.UNREACHABLE, SendFailure.RATE_LIMITED)
}


def judge(outcome: Outcome) -> Judgement:
    """What an outcome says of the provider: a refusal of one recipient is an answer."""
    if isinstance(outcome, Unknown):
        return Judgement(Sign.FAILS, NO_ANSWER)
    if not isinstance(outcome, Refused):
        return _ANSWERS
    failure = outcome.failure
    if failure is SendFailure.NOT_CONFIGURED:
        return Judgement(Sign.MISCONFIGURED, failure.value)
    if failure is SendFailure.RATE_LIMITED and outcome.retry_after:
        return Judgement(Sign.RESTS, failure.value, min(outcome.retry_after, _LONGEST_REST_MS))
    return _FAILURES.get(failure, _ANSWERS)


class BreakerOptions(NamedTuple):
    """When a breaker opens, and how often it probes; times in milliseconds.

    Attributes:
        threshold: the share of failures from which it opens, 0 to 1; 0: it never opens.
        window: how long outcomes count.
        least: the least number of outcomes to judge by.
        probes: the waits before the first, second, ... probe; the last one repeats.
    """

    threshold: float
    window: int
    least: int
    probes: Sequence[int]

    def wait(self, failed_probes: int) -> int:
        """How long to wait for the next probe, in milliseconds."""
        return self.probes[min(failed_probes, len(self.probes) - 1)]


class Noted(msgspec.Struct, frozen=True):
    """An outcome of some time ago.

    Attributes:
        at: milliseconds UTC.
    """

    at: int
    sign: Sign


def should_open(latest: Sequence[Noted], now: int, options: BreakerOptions) -> bool:
    """Whether the latest outcomes, the present one last, open a breaker that is closed."""
    counted = [one for one in latest if one.at > now - options.window]
    if not counted or not options.threshold or counted[-1].sign is Sign.ANSWERS:
        return False
    if counted[-1].sign is Sign.RESTS:
        return True
    answers = sum(one.sign is Sign.ANSWERS for one in counted)
    if counted[-1].sign is Sign.MISCONFIGURED:
        # A sender of its own may be wrong beside others that are well.
        in_a_row = counted[-_MISCONFIGURED_IN_A_ROW:]
        return answers == 0 or (
            len(in_a_row) == _MISCONFIGURED_IN_A_ROW
            and all(one.sign is Sign.MISCONFIGURED for one in in_a_row)
        )
    failures = sum(one.sign is Sign.FAILS for one in counted)
    return len(counted) >= options.least and failures >= options.threshold * len(counted)


def opened(state: RouteState, now: int, reason: str, failed: int, wait: int) -> RouteState | None:
    """The state of a breaker that opens now; None if it is not closed.

    Args:
        failed: how many attempts failed until now.
        wait: milliseconds until the first probe.
    """
    if state.breaker is not Breaker.CLOSED:
        return None
    return msgspec.structs.replace(
        state,
        breaker=Breaker.OPEN,
        since=now,
        reason=reason,
        failed=failed,
        probes=0,
        probe_at=now + wait,
        prober=0,
    )


def closed(state: RouteState) -> RouteState | None:
    """The state of a breaker that closes now; None if it is closed."""
    if state.breaker is Breaker.CLOSED:
        return None
    return msgspec.structs.replace(
        state, breaker=Breaker.CLOSED, since=0, reason="", failed=0, probes=0, probe_at=0, prober=0
    )


def is_probe_due(state: RouteState, now: int) -> bool:
    """Whether some node may send a probe now."""
    if state.is_paused:
        return False
    if state.breaker is Breaker.OPEN:
        return state.probe_at <= now
    return state.breaker is Breaker.HALF_OPEN and (state.prober == 0 or state.probe_at <= now)


def probing(state: RouteState, prober: int, now: int, longest: int) -> RouteState | None:
    """The state while a node sends a probe; None if none is due.

    Args:
        prober: the run of the node.
        longest: how long the probe may take, in milliseconds; after that another node may send one.
    """
    if not is_probe_due(state, now):
        return None
    return msgspec.structs.replace(state, breaker=Breaker.HALF_OPEN, prober=prober, probe_at=now + longest)


def after_probe(
    state: RouteState, prober: int, now: int, judgement: Judgement, options: BreakerOptions
) -> RouteState | None:
    """The state after a probe of a node; None if the probe is not its own any more."""
    if state.breaker is not Breaker.HALF_OPEN or state.prober != prober:
        return None
    if judgement.sign is Sign.ANSWERS:
        return closed(state)
    failed_probes = state.probes + 1
    wait = judgement.rest_ms if judgement.sign is Sign.RESTS else options.wait(failed_probes)
    return msgspec.structs.replace(
        state,
        breaker=Breaker.OPEN,
        reason=judgement.reason,
        failed=state.failed + 1,
        probes=failed_probes,
        probe_at=now + wait,
        prober=0,
    )
