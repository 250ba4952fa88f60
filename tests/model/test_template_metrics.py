"""What each message adds to the template's counts, and the counts summed over longer periods."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.identifiers import AccountId
from waypost.model.templates.metrics import PERIODS, SLOT_MS, TemplateCount, by_period, counted


@pytest.mark.parametrize(
    ("statuses", "sums"),
    [
        (["Sent"], (1, 0, 0)),
        (["Delivered", "Read"], (0, 1, 1)),
        (["Sent", "Delivered", "Read"], (1, 1, 1)),
    ],
)
def test_what_a_message_counts_for(statuses: list[str], sums: tuple[int, int, int]) -> None:
    one = counted(AccountId("1"), "t", "en", 3 * SLOT_MS + 5, statuses)
    assert one is not None
    assert (one.start, (one.sent, one.delivered, one.read)) == (3 * SLOT_MS, sums)


@pytest.mark.parametrize("statuses", [[], ["Failed"]])
def test_a_failure_counts_for_nothing(statuses: list[str]) -> None:
    assert counted(AccountId("1"), "t", "en", 5, statuses) is None


_numbers = st.integers(0, 9)
_counts = st.lists(
    st.builds(
        TemplateCount,
        account_id=st.just("1"),
        template_code=st.sampled_from("ab"),
        language=st.sampled_from(["en", "zh_CN"]),
        start=st.integers(0, 200).map(lambda slot: slot * SLOT_MS),
        sent=_numbers,
        delivered=_numbers,
        read=_numbers,
    )
)


@given(counts=_counts, length=st.sampled_from(list(PERIODS.values())))
def test_nothing_is_lost_and_every_stretch_is_there_once(counts: list[TemplateCount], length: int) -> None:
    rows = by_period(counts, length)
    keys = [(row.start, row.template_code, row.language) for row in rows]
    assert keys == sorted(set(keys))
    expected: Counter[tuple[int, str, str]] = Counter()
    for one in counts:
        expected[one.start // length * length, one.template_code, one.language] += one.sent
    assert {key: row.sent for key, row in zip(keys, rows, strict=True)} == dict(expected)
    assert sum(row.read for row in rows) == sum(one.read for one in counts)
