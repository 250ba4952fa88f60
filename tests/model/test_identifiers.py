"""Identifiers: they look like the real ones, sort by time, and lead back to their row."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.identifiers import (
    MessageId,
    MessageIds,
    attempt_number,
    attempt_reference,
    is_request_id,
    new_request_id,
    parse_reference,
    shard_of,
)

moments = st.integers(1_600_000_000_000, 4_000_000_000_000)
LAST_OF_ITS_DAY = "2027011586399999999999999"


@given(moments)
def test_a_message_id_is_25_digits_that_begin_with_the_date(now: int) -> None:
    made = MessageIds(1).next(now)
    assert re.fullmatch(r"\d{25}", made)
    assert made[:8] == datetime.fromtimestamp(now // 1000, UTC).strftime("%Y%m%d")
    assert int(made[8:16]) == now % 86_400_000


@given(st.lists(moments, min_size=1), st.integers(1, 1000))
def test_message_ids_are_unique_and_never_go_back_in_time(nows: list[int], shards: int) -> None:
    ids = MessageIds(shards)
    made = [ids.next(now) for now in nows]
    assert len(set(made)) == len(made)
    times = [one[:16] for one in made]
    assert times == sorted(times)
    assert all(0 <= shard_of(one) < shards for one in made)


def test_a_million_in_one_millisecond_are_all_different() -> None:
    ids = MessageIds(7, seed=999_000)
    assert len({ids.next(1_800_000_000_000) for _ in range(1_000_000)}) == 1_000_000


def test_messages_spread_evenly_over_the_shards() -> None:
    ids = MessageIds(4)
    shards = [shard_of(ids.next(1_800_000_000_000)) for _ in range(400)]
    assert [shards.count(shard) for shard in range(4)] == [100] * 4


@pytest.mark.parametrize("text", ["", "1", "2" * 24, "2" * 26, "a" * 25, "-" + "2" * 24, "2" * 24 + " "])
def test_what_is_no_message_id_has_no_shard(text: str) -> None:
    with pytest.raises(ValueError, match="not a MessageId"):
        shard_of(MessageId(text))


def test_request_ids_look_like_the_real_ones_and_differ() -> None:
    made = {new_request_id(1_700_000_000_000) for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", one) for one in made)
    assert all(is_request_id(one) for one in made)
    assert not is_request_id("90e63d28-e31d-1eb2-8939-a94866411b20")
    assert not is_request_id("hello")


@given(moments, st.integers(0, 99), st.integers(1, 9999))
def test_a_reference_leads_back_to_its_attempt(now: int, leg: int, attempt: int) -> None:
    message_id = MessageIds(1000).next(now)
    assert parse_reference(attempt_reference(message_id, leg, attempt)) == (message_id, leg, attempt)


@pytest.mark.parametrize("text", ["", "hello", "1-0-1", LAST_OF_ITS_DAY, f"{LAST_OF_ITS_DAY}-0-x"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of the ways not to be one
        parse_reference(text)


def test_an_attempts_number_fits_what_javascript_can_echo() -> None:
    assert attempt_number(MessageId("2027011500000000000000000"), 0, 1) > 0
    assert attempt_number(MessageId(LAST_OF_ITS_DAY), 7, 5_000) < 2**53


def test_the_numbers_of_a_message_with_two_weeks_of_attempts_are_all_different() -> None:
    # Ttl 1,209,600 s with an attempt every 300 s, varied by a fifth.
    numbers = [
        attempt_number(MessageId(LAST_OF_ITS_DAY), leg, attempt)
        for leg in range(8)
        for attempt in range(1, 5_041)
    ]
    assert len(set(numbers)) == len(numbers)


def test_messages_one_after_another_have_no_number_in_common() -> None:
    ids = MessageIds(1)
    messages = [ids.next(1_800_000_000_000 + place // 10) for place in range(100)]
    numbers = [
        attempt_number(message_id, leg, attempt)
        for message_id in messages
        for leg in range(2)
        for attempt in range(1, 50)
    ]
    assert len(set(numbers)) == len(numbers)
