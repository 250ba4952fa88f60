"""[retention]: the documented ages, and what is refused."""

import pytest

from waypost.config.loading import load
from waypost.config.settings import SettingsError
from waypost.model.retention import RetentionAges


def test_the_documented_ages_are_the_defaults() -> None:
    assert load(None, {}).retention == RetentionAges(
        content=30, messages=180, callbacks=90, inbound=30, events=90, calls=30, audit=730
    )


@pytest.mark.parametrize("name", RetentionAges.__struct_fields__)
def test_an_age_is_a_number_of_days_or_0_for_ever(name: str) -> None:
    variable = f"WAYPOST_RETENTION__{name.upper()}"
    assert getattr(load(None, {variable: "0"}).retention, name) == 0
    with pytest.raises(SettingsError, match=f"retention.{name} is -1; allowed is 0 to 36500"):
        load(None, {variable: "-1"})
