"""Which messages a read watermark covers, and which it must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.message.watermarks import Sent, covered


@pytest.mark.parametrize(
    ("sent", "about"),
    [
        ([], []),
        ([Sent(10, 20)], [0]),
        ([Sent(10, 100)], [0]),
        # The provider took it between the two.
        ([Sent(90, 110)], [0]),
        ([Sent(101, 110)], []),
        ([Sent(90, None)], [0]),
        ([Sent(10, 20), Sent(30, 40)], [0, 1]),
        # The first one explains it; of the second nobody can know whether it was taken before.
        ([Sent(10, 20), Sent(90, 110)], [0]),
        ([Sent(90, 110), Sent(95, 105)], []),
        ([Sent(90, None), Sent(101, 110)], [0]),
    ],
)
def test_what_it_is_about(sent: list[Sent], about: list[int]) -> None:
    assert covered(100, sent) == about


_sent = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)).map(lambda at: Sent(at[0], sum(at))))


@given(sent=_sent, watermark=st.integers(0, 25))
def test_nothing_that_was_sent_later_is_covered_and_all_that_was_answered_before_is(
    sent: list[Sent], watermark: int
) -> None:
    about = covered(watermark, sent)
    assert all(sent[place].started_at <= watermark for place in about)
    assert {place for place, one in enumerate(sent) if (one.ended_at or 0) <= watermark} <= set(about)
