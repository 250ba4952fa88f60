"""Identifiers that others hold: providers echo references and numbers, customers keep MessageIds and keys."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.identifiers import (
    MessageId,
    MessageIds,
    attempt_number,
    attempt_reference,
    first_of,
    last_of_same_moment,
    new_access_key_id,
    new_entity_id,
    new_secret,
    parse_reference,
    shard_of,
)

AT = 1_800_000_000_000  # 2027-01-15T08:00:00Z
moments = st.integers(1_600_000_000_000, 4_000_000_000_000)


def test_the_digits_of_a_message_id_are_date_milliseconds_running_number_and_shard() -> None:
    ids = MessageIds(7, seed=41)
    assert [ids.next(AT), ids.next(AT), ids.next(AT + 1)] == [
        "2027011528800000000042000",
        "2027011528800000000043001",
        "2027011528800001000044002",
    ]


def test_the_running_number_begins_with_the_node_and_starts_again_after_ten_thousand() -> None:
    ids = MessageIds(1000, node=37, seed=9_998)
    assert [ids.next(AT)[16:] for _ in range(3)] == ["379999999", "370000000", "370001001"]


def test_of_any_number_of_ids_of_a_millisecond_each_is_above_the_one_before() -> None:
    ids = MessageIds(1, seed=9_990)
    made = [ids.next(AT) for _ in range(20_020)]
    assert made == sorted(set(made))
    assert [made[place][:16] for place in (8, 9, 10_009)] == [
        "2027011528800000",
        "2027011528800001",
        "2027011528800002",
    ]


def test_ids_go_on_behind_the_latest_of_the_store() -> None:
    ids = MessageIds(1, seed=0, latest=MessageId("2027011528800005000042000"))
    assert ids.next(AT)[:16] == "2027011528800006"
    assert ids.next(AT + 9)[:16] == "2027011528800009"


def test_a_clock_that_goes_back_does_not_take_the_ids_with_it() -> None:
    ids = MessageIds(1, seed=0)
    assert [ids.next(now)[:16] for now in (AT, AT - 86_400_000, AT + 1)] == [
        "2027011528800000",
        "2027011528800000",
        "2027011528800001",
    ]


@pytest.mark.parametrize(
    ("moment", "first", "last"),
    [
        (0, "1970010100000000000000000", "1970010100000000999999999"),
        (AT, "2027011528800000000000000", "2027011528800000999999999"),
        (AT + 57_599_999, "2027011586399999000000000", "2027011586399999999999999"),
        (AT + 57_600_000, "2027011600000000000000000", "2027011600000000999999999"),
    ],
    ids=["the epoch", "a moment", "the last of its day", "the first of the next"],
)
def test_the_ids_of_one_moment_lie_between_two(moment: int, first: str, last: str) -> None:
    assert first_of(moment) == first
    assert last_of_same_moment(MessageId(first)) == last


@given(moments, st.integers(1, 1000), st.integers(0, 999_999))
def test_every_id_lies_within_its_moment(now: int, shards: int, seed: int) -> None:
    made = MessageIds(shards, seed=seed).next(now)
    assert first_of(now) <= made <= last_of_same_moment(made)
    assert last_of_same_moment(made) < first_of(now + 1)


@pytest.mark.parametrize(
    ("message_id", "shard"),
    [("2027011528800000000042000", 0), ("2027011528800000000043007", 7), ("2027011528800000000043999", 999)],
)
def test_the_last_three_digits_are_the_shard(message_id: str, shard: int) -> None:
    assert shard_of(MessageId(message_id)) == shard


@pytest.mark.parametrize(
    ("leg", "attempt", "reference"),
    [
        (0, 1, "2027011528800000000042000-0-1"),
        (1, 2, "2027011528800000000042000-1-2"),
        (7, 8191, "2027011528800000000042000-7-8191"),
    ],
)
def test_the_reference_of_an_attempt_is_written_so(leg: int, attempt: int, reference: str) -> None:
    message_id = "2027011528800000000042000"
    assert attempt_reference(MessageId(message_id), leg, attempt) == reference
    assert parse_reference(reference) == (message_id, leg, attempt)


@pytest.mark.parametrize(
    ("message_id", "leg", "attempt", "number"),
    [
        ("2027011500000000000000000", 0, 1, 1),
        ("2027011500000000000000000", 1, 0, 8192),
        ("2027011500000000000001000", 0, 1, 65_537),
        ("2027011500001000000000000", 0, 1, 65_536_000_001),
        ("2027011528800000000042000", 2, 3, (28_800 * 1_000_000 + 42) * 65_536 + 2 * 8192 + 3),
    ],
    ids=["an attempt", "a leg", "a running number", "a second", "all of them"],
)
def test_the_number_of_an_attempt(message_id: str, leg: int, attempt: int, number: int) -> None:
    assert attempt_number(MessageId(message_id), leg, attempt) == number


@pytest.mark.parametrize(
    ("make", "form"),
    [
        (new_access_key_id, r"WP[0-9A-Za-z]{18}"),
        (lambda: new_access_key_id("STS."), r"STS\.[0-9A-Za-z]{18}"),
        (new_secret, r"[0-9A-Za-z]{30}"),
        (new_entity_id, r"[1-9][0-9]{17}"),
    ],
    ids=["AccessKeyId", "temporary AccessKeyId", "AccessKeySecret", "UserId"],
)
def test_what_is_made_at_random_has_its_form_and_differs(make: object, form: str) -> None:
    assert callable(make)
    made = {make() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(form, one) for one in made)
