"""Decides whether a leg is tried again; delivery carries it out.

The table of promise 4: what certainly was not taken may be tried again within its time; what may have been
taken is sent again only where the provider removes duplicates, or once for a `transaction`, for which a
second copy is better than none: a one-time password that died with the process is worse than two.
"""

from collections.abc import Sequence
from typing import NamedTuple

from waypost.model.message.outcomes import Refused

JITTER = 0.2


class RetryDecision(NamedTuple):
    """When the leg is tried again (milliseconds UTC), None for never, with the reason for the timeline."""

    at: int | None
    why: str


def after_refusal(
    refused: Refused, tries: int, now: int, until: int, schedule: Sequence[float], spread: float
) -> RetryDecision:
    """The decision after the provider certainly did not accept the leg.

    Args:
        tries: attempts made so far, this one included.
        until: the last moment at which trying makes sense (time to live, or the fallback's due time).
        schedule: seconds to wait after the first, second, ... attempt; the last one repeats.
        spread: a random number from 0 to 1; moves the wait by up to a fifth either way.
    """
    if not refused.failure.facts.may_retry:
        return RetryDecision(None, "trying again would not help")
    wait = schedule[min(tries, len(schedule)) - 1] * 1000 * (1 - JITTER + 2 * JITTER * spread)
    at = now + max(int(wait), refused.retry_after or 0)
    if at >= until:
        return RetryDecision(None, f"the time for trying was over after {tries} attempts")
    return RetryDecision(at, "the provider did not take it and may do so later")


def in_doubt(
    *, removes_duplicates: bool, label: str, resends: bool, unanswered: int, now: int, until: int, wait: int
) -> RetryDecision:
    """The decision when the provider may or may not have accepted the leg.

    Args:
        resends: whether the operator lets a transaction be sent again on the channel of the leg.
        unanswered: attempts of this leg without an answer, this one included.
        until: the last moment at which trying makes sense.
        wait: milliseconds in which a receipt may still settle the doubt before anything is sent again.
    """
    at = now + wait
    if at >= until:
        return RetryDecision(None, "the time for trying is over: a receipt or the fallback decides")
    if removes_duplicates:
        return RetryDecision(at, "the provider removes duplicates")
    if label != "transaction":
        return RetryDecision(None, "it may be on its way, and a second copy would be worse than none")
    if not resends:
        return RetryDecision(None, "the settings let nothing that may be on its way be sent again here")
    if unanswered > 1:
        return RetryDecision(None, "a second copy was tried already")
    return RetryDecision(at, "for a transaction a second copy is better than none")
