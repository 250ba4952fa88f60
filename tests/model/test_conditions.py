"""Conditions of a policy: what each operator matches, as a table."""

import re

import pytest

from waypost.model.access.conditions import OPERATORS, Kind, condition_holds, parse_condition

ANY_KEY = {"key": frozenset(Kind)}

TABLE = [
    ("StringEquals", ["a", "b"], "b", True),
    ("StringEquals", ["a", "b"], "B", False),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringEqualsIgnoreCase", ["Straße"], "STRASSE", True),
    ("StringEqualsIgnoreCase", ["a"], "b", False),
    ("StringNotEqualsIgnoreCase", ["A"], "a", False),
    ("StringNotEqualsIgnoreCase", ["A"], "b", True),
    ("StringLike", ["10.*", "x?"], "10.1.2.3", True),
    ("StringLike", ["10.*", "x?"], "x", False),
    ("StringNotLike", ["10.*"], "10.1.2.3", False),
    ("StringNotLike", ["10.*"], "11.1.2.3", True),
    ("NumericEquals", ["10"], "10.0", True),
    ("NumericEquals", ["10"], "11", False),
    ("NumericNotEquals", ["10", "11"], "11", False),
    ("NumericNotEquals", ["10", "11"], "12", True),
    ("NumericLessThan", ["9"], "10", False),
    ("NumericLessThan", ["10"], "9", True),
    ("NumericLessThanEquals", ["10"], "10", True),
    ("NumericLessThanEquals", ["10"], "11", False),
    ("NumericGreaterThan", ["10"], "10", False),
    ("NumericGreaterThan", ["9"], "10", True),
    ("NumericGreaterThanEquals", ["10"], "10", True),
    ("NumericGreaterThanEquals", ["10"], "9.99", False),
    ("DateEquals", ["2026-01-01T08:00:00+08:00"], "2026-01-01T00:00:00Z", True),
    ("DateEquals", ["2026-01-01T08:00:00+08:00"], "2026-01-01T08:00:00Z", False),
    ("DateNotEquals", ["2026-01-01T08:00:00+08:00"], "2026-01-01T00:00:00Z", False),
    ("DateNotEquals", ["2026-01-01T08:00:00+08:00"], "2026-01-01T00:00:01Z", True),
    ("DateLessThan", ["2026-01-01T00:00:00Z"], "2025-12-31T23:59:59.999Z", True),
    ("DateLessThan", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:00Z", False),
    ("DateLessThanEquals", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:00Z", True),
    ("DateLessThanEquals", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:01Z", False),
    ("DateGreaterThan", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:01Z", True),
    ("DateGreaterThan", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:00Z", False),
    ("DateGreaterThanEquals", ["2026-01-01T00:00Z"], "2026-01-01T00:00:00Z", True),
    ("DateGreaterThanEquals", ["2026-01-01T00:00Z"], "2025-01-01T00:00:00Z", False),
    ("Bool", ["True"], "true", True),
    ("Bool", ["false"], "true", False),
    ("IpAddress", ["10.0.0.0/8", "::1"], "10.255.0.1", True),
    ("IpAddress", ["10.0.0.7/8"], "10.255.0.1", True),
    ("IpAddress", ["10.0.0.0/8", "::1"], "0:0:0:0:0:0:0:1", True),
    ("IpAddress", ["10.0.0.0/8"], "::ffff:10.1.1.1", True),
    ("IpAddress", ["10.0.0.0/8"], "11.0.0.1", False),
    ("NotIpAddress", ["10.0.0.0/8", "11.0.0.1"], "11.0.0.1", False),
    ("NotIpAddress", ["10.0.0.0/8"], "::1", True),
]


@pytest.mark.parametrize(("name", "values", "actual", "expected"), TABLE)
def test_an_operator_holds_or_not(name: str, values: list[str], actual: str, expected: bool) -> None:
    condition = parse_condition(name, "key", tuple(values), ANY_KEY)
    assert condition_holds(condition, {"key": actual}) is expected


def test_the_table_has_both_answers_of_every_operator() -> None:
    assert {(name, expected) for name, _, _, expected in TABLE} == {
        (name, expected) for name in OPERATORS for expected in (True, False)
    }


@pytest.mark.parametrize(
    ("name", "value", "context"),
    [
        ("StringEquals", "a", {}),
        ("StringNotEquals", "a", {}),
        ("NumericLessThan", "1", {"key": "many"}),
        ("NumericLessThan", "1", {"key": "NaN"}),
        ("DateLessThan", "2026-01-01T00:00:00Z", {"key": "2026-01-01T00:00:00"}),
        ("DateLessThan", "2026-01-01T00:00:00Z", {"key": "soon"}),
        ("Bool", "true", {"key": "yes"}),
        ("IpAddress", "10.0.0.0/8", {"key": "unix:"}),
        ("NotIpAddress", "10.0.0.0/8", {"key": "10.0.0.0/8"}),
    ],
)
def test_what_cannot_be_judged_is_neither_true_nor_false(
    name: str, value: str, context: dict[str, str]
) -> None:
    assert condition_holds(parse_condition(name, "key", (value,), ANY_KEY), context) is None


@pytest.mark.parametrize(
    ("name", "key", "value", "error"),
    [
        ("StringIs", "acs:SourceIp", "a", "'StringIs' is no operator"),
        ("StringEquals", "acs:Sourceip", "a", "'acs:Sourceip' is no key"),
        (
            "NumericEquals",
            "acs:CurrentTime",
            "1",
            "NumericEquals compares a number, which acs:CurrentTime is not",
        ),
        ("IpAddress", "acs:SourceIp", "10.0.0.0/8/8", "'10.0.0.0/8/8' is not an IP address"),
        (
            "DateLessThan",
            "acs:CurrentTime",
            "2026-01-01",
            "'2026-01-01' is not an ISO 8601 time with its zone",
        ),
        ("Bool", "acs:SecureTransport", "yes", "'yes' is not true or false"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(name: str, key: str, value: str, error: str) -> None:
    with pytest.raises(ValueError, match=re.escape(error)):
        parse_condition(name, key, (value,))
