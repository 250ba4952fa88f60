"""The digest filter: no false negatives, few false positives, and a bounded size."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.digest_filter import DigestFilter

FIRST_ROOM = 3 * (1 << 13)


def digest(number: int) -> int:
    return int.from_bytes(hashlib.blake2b(str(number).encode(), digest_size=16).digest())


@given(st.lists(st.integers(0, (1 << 128) - 1), max_size=50))
def test_what_was_added_is_always_found(numbers: list[int]) -> None:
    digests = DigestFilter()
    for number in numbers:
        digests.add(number)
    assert all(digests.might_contain(number) for number in numbers)
    assert digests.count == len(numbers)


def test_an_empty_one_holds_nothing() -> None:
    digests = DigestFilter()
    assert not any(digests.might_contain(digest(number)) for number in range(1000))
    assert digests.count == 0


@pytest.mark.parametrize(
    ("expected", "most_bytes_each"), [(0, 8), (FIRST_ROOM * 2, 4)], ids=["grown", "sized beforehand"]
)
def test_a_full_one_is_seldom_wrong_and_small(expected: int, most_bytes_each: int) -> None:
    digests = DigestFilter(expected)
    filled = FIRST_ROOM * 2
    for number in range(filled):
        digests.add(digest(number))
    assert all(digests.might_contain(digest(number)) for number in range(filled))
    wrong = sum(digests.might_contain(digest(number)) for number in range(filled, filled + 20_000))
    assert wrong < 200
    assert digests.size_bytes < most_bytes_each * filled


def test_it_grows_by_layers_of_which_each_is_four_times_the_one_before() -> None:
    digests = DigestFilter()
    sizes = [digests.size_bytes]
    for number in range(FIRST_ROOM + 1):
        digests.add(digest(number))
    sizes.append(digests.size_bytes)
    assert sizes == [8 << 13, (8 << 13) + 4 * (8 << 13)]


def test_two_of_the_same_digests_agree() -> None:
    one, other = DigestFilter(), DigestFilter()
    for number in range(2000):
        one.add(digest(number))
        other.add(digest(number))
    answers = [
        (one.might_contain(digest(number)), other.might_contain(digest(number))) for number in range(4000)
    ]
    assert all(first is second for first, second in answers)


@given(st.lists(st.integers(0, (1 << 128) - 1), max_size=50))
def test_what_was_added_already_is_not_new(numbers: list[int]) -> None:
    digests, others = DigestFilter(), DigestFilter()
    for number in numbers:
        assert digests.add_if_new(number) is not others.might_contain(number)
        others.add(number)
    assert all(digests.might_contain(number) for number in numbers)
    assert digests.count <= len(set(numbers))
