"""A fault's sentence: the caller's value, what is wrong with it and what is allowed."""

import pytest

from waypost.model.faults import NO_VALUE, Fault

LONG = "x" * 41


@pytest.mark.parametrize(
    ("problem", "allowed", "value", "message"),
    [
        ("it is missing", "", NO_VALUE, "it is missing."),
        ("it is missing.", "", NO_VALUE, "it is missing."),
        ("it is missing", "every call needs it", NO_VALUE, "it is missing; every call needs it."),
        ("is not a space", "", "x", "'x' is not a space."),
        ("is not allowed", "allowed are a, b", 7, "7 is not allowed; allowed are a, b."),
        ("To is {value}", "digits are needed", "+1", "To is '+1'; digits are needed."),
        ("has 41 bytes ({value})", "40 are allowed", LONG, f"has 41 bytes ('{'x' * 39}…'); 40 are allowed."),
        ("To is {value}", "", "{value}", "To is '{value}'."),
        ("{value} is in braces", "", NO_VALUE, "{value} is in braces."),
    ],
)
def test_the_sentence(problem: str, allowed: str, value: object, message: str) -> None:
    assert Fault("c", "P", problem, allowed, value).message == message


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("c", "P", "it is missing"), "for the SMS, it is missing."),
        (Fault("c", "P", "is wrong", "b is right", "a"), "for the SMS, 'a' is wrong; b is right."),
        (Fault("c", "P", "To is {value}", value="a"), "for the SMS, To is 'a'."),
    ],
)
def test_words_before_the_sentence(fault: Fault, message: str) -> None:
    after = fault.after("for the SMS")
    assert after.message == message
    assert (after.code, after.parameter, after.allowed, after.value) == (
        fault.code,
        fault.parameter,
        fault.allowed,
        fault.value,
    )
