"""What an error may show of a caller's own value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.quoting import QUOTED_LENGTH, quoted


@given(st.text(st.characters(), max_size=200))
def test_a_string_is_shown_short_and_on_one_line(text: str) -> None:
    shown = quoted(text)
    assert len(shown) <= QUOTED_LENGTH + 2
    assert shown.isprintable()


@given(st.text(st.characters(categories=["L", "N"]), max_size=QUOTED_LENGTH))
def test_a_short_string_is_shown_whole(text: str) -> None:
    assert quoted(text) == f"'{text}'"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a" * 41, "'" + "a" * 39 + "…'"),
        ("line\nbreak\x00", r"'line\nbreak\x00'"),
        (True, "true"),
        (1.5, "1.5"),
        (-7, "-7"),
        (10**500, "a number too large to show"),
        ({"a": "secret"}, "an object"),
        (["secret"], "a list"),
    ],
)
def test_each_kind_of_value_has_one_form(value: object, shown: str) -> None:
    assert quoted(value) == shown
