"""Which counters an SMS adds to, and which countries it may go to."""

import pytest

from waypost.model.identifiers import AccountId
from waypost.model.message.sms_counts import (
    country_of,
    is_allowed_country,
    sms_counts,
    unknown_countries,
)
from waypost.model.message.sms_limits import HOUR_MS, NO_LIMITS, SmsCount, SmsLimits

ACME = AccountId("acme")
NOW = 7 * HOUR_MS + 1


def test_without_limits_nothing_is_counted() -> None:
    assert sms_counts(ACME, "4915112345678", NO_LIMITS, NOW) == ()


def test_each_limit_has_a_counter_of_its_account_and_hour() -> None:
    limits = SmsLimits(per_recipient=3, per_prefix=50, per_account=1000)
    assert sms_counts(ACME, "4915112345678", limits, NOW) == (
        SmsCount(ACME, "recipient", "4915112345678", 7, 3),
        SmsCount(ACME, "prefix", "491511234", 7, 50),
        SmsCount(ACME, "account", "", 7, 1000),
    )
    assert sms_counts(ACME, "4915112345678", SmsLimits(per_prefix=1), NOW)[0].scope == "prefix"


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("4915112345678", "DE"),
        ("8613912345678", "CN"),
        ("6591234567", "SG"),
        ("16502530000", "US"),
        ("16042530000", "CA"),
        ("77012345678", "KZ"),
        ("79161234567", "RU"),
        ("881612345678", "001"),
        ("999", ""),
        ("", ""),
    ],
)
def test_the_country_of_a_number(number: str, country: str) -> None:
    assert country_of(number) == country
    assert is_allowed_country(number, NO_LIMITS)
    assert is_allowed_country(number, SmsLimits(countries=("DE", "SG"))) == (country in ("DE", "SG"))


def test_a_country_that_is_not_allowed_has_no_room_whatever_the_caps() -> None:
    limits = SmsLimits(countries=("DE",), per_account=10)
    assert sms_counts(ACME, "16042530000", limits, NOW) == (SmsCount(ACME, "country", "CA", 7, 0),)
    assert [count.scope for count in sms_counts(ACME, "4915112345678", limits, NOW)] == ["account"]


def test_countries_are_iso_codes_in_capitals() -> None:
    assert unknown_countries(("DE", "SG", "US")) == []
    assert unknown_countries(("de", "UK", "49", "")) == ["de", "UK", "49", ""]
