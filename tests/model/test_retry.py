"""When a leg is tried again: the table of promise 4, and the back-off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused
from waypost.model.message.retry import after_refusal, in_doubt

SCHEDULE = (1, 2, 5)
NOW = 1_000_000
LONG = NOW + 86_400_000


def refused(failure: SendFailure = SendFailure.BUSY, retry_after: int | None = None) -> Refused:
    return Refused(failure, "", "", retry_after)


@pytest.mark.parametrize(
    ("tries", "spread", "wait"),
    [
        (1, 0.5, 1_000),
        (2, 0.5, 2_000),
        (3, 0.5, 5_000),
        (4, 0.5, 5_000),
        (99, 0.5, 5_000),
        (3, 0.0, 4_000),
        (3, 1.0, 6_000),
    ],
)
def test_the_wait_follows_the_schedule_and_varies_by_a_fifth(tries: int, spread: float, wait: int) -> None:
    decision = after_refusal(refused(), tries, NOW, LONG, SCHEDULE, spread)
    assert decision.at == pytest.approx(NOW + wait, abs=1)


@pytest.mark.parametrize(("retry_after", "wait"), [(30_000, 30_000), (10, 1_000), (0, 1_000)])
def test_a_provider_may_ask_for_a_longer_wait_but_not_for_a_shorter_one(retry_after: int, wait: int) -> None:
    decision = after_refusal(refused(retry_after=retry_after), 1, NOW, LONG, SCHEDULE, 0.5)
    assert decision.at == pytest.approx(NOW + wait, abs=1)


@pytest.mark.parametrize(("until", "again"), [(NOW + 1_002, True), (NOW + 999, False), (NOW, False)])
def test_nothing_is_tried_when_its_time_is_over(until: int, again: bool) -> None:
    assert (after_refusal(refused(), 1, NOW, until, SCHEDULE, 0.5).at is not None) is again


@pytest.mark.parametrize("failure", SendFailure)
def test_only_what_can_pass_is_tried_again(failure: SendFailure) -> None:
    passes = {SendFailure.BUSY, SendFailure.UNREACHABLE, SendFailure.RATE_LIMITED}
    decision = after_refusal(refused(failure, 5_000), 1, NOW, LONG, SCHEDULE, 0.5)
    assert (decision.at is not None) is (failure in passes)


def again(
    removes_duplicates: bool = False,
    label: str = "transaction",
    resends: bool = True,
    unanswered: int = 1,
    until: int = LONG,
) -> int | None:
    return in_doubt(
        removes_duplicates=removes_duplicates,
        label=label,
        resends=resends,
        unanswered=unanswered,
        now=NOW,
        until=until,
        wait=15_000,
    ).at


@pytest.mark.parametrize(
    ("removes_duplicates", "label", "resends", "unanswered", "sent_again"),
    [
        (False, "transaction", True, 1, True),
        (False, "transaction", True, 2, False),
        (False, "promotion", True, 1, False),
        (False, "", True, 1, False),
        (False, "transaction", False, 1, False),
        (False, "promotion", False, 1, False),
        (True, "promotion", True, 1, True),
        (True, "transaction", False, 7, True),
    ],
)
def test_what_may_have_been_taken_is_sent_again_only_as_promised(
    removes_duplicates: bool, label: str, resends: bool, unanswered: int, sent_again: bool
) -> None:
    at = again(removes_duplicates, label, resends, unanswered)
    assert at == (NOW + 15_000 if sent_again else None)


@given(
    st.booleans(),
    st.sampled_from(["", "promotion", "transaction"]),
    st.booleans(),
    st.integers(1, 9),
    st.integers(NOW - 1, NOW + 30_000),
)
def test_a_receipt_always_gets_its_time_before_a_second_copy_and_none_is_sent_too_late(
    removes_duplicates: bool, label: str, resends: bool, unanswered: int, until: int
) -> None:
    at = again(removes_duplicates, label, resends, unanswered, until)
    assert at is None or NOW + 15_000 <= at < until
