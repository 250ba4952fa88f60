"""A derived id is the same in every release, and looks like the service's own."""

import re

from hypothesis import given
from hypothesis import strategies as st

from waypost.api.operations.derived_id import derived_id


def test_it_follows_from_its_parts() -> None:
    assert derived_id("1", "cams-1", "spring") == "7627509478692565710"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_it_is_19_digits(parts: list[str]) -> None:
    assert re.fullmatch("[1-9][0-9]{18}", derived_id(*parts))
