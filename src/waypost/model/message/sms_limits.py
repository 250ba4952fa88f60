"""Limits on fallback SMS, against SMS pumping: somebody who can make a program send one-time passwords has
many of them sent to numbers that earn them money.

Hours are those of the clock, UTC. What is counted is legs: another attempt of the same leg costs nothing
more.
"""

from typing import NamedTuple

import msgspec
import phonenumbers

from waypost.model.identifiers import AccountId

HOUR_MS = 3_600_000
# Pumped numbers are bought in blocks: those that differ in the last four digits alone count together.
_BLOCK_DIGITS = 4


class SmsLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[sms]: which countries fallback SMS may go to, and how many of them an account may send in an hour.

    Attributes:
        countries: ISO 3166 codes; empty for all.
        per_recipient, per_prefix, per_account: at most so many an hour to one number, to the 10,000 numbers
            that have all but their last four digits in common, and in all; 0 for any number.
        max_segments: the longest text, in segments.
    """

    countries: tuple[str, ...] = ()
    per_recipient: int = 0
    per_prefix: int = 0
    per_account: int = 0
    max_segments: int = 10


NO_LIMITS = SmsLimits()


class SmsCount(NamedTuple):
    """A counter that one SMS adds to.

    Attributes:
        scope: `recipient`, `prefix`, `account`, or `country` for one that is not allowed.
        key: the number, its beginning or the country; empty for the account as a whole.
        hour: number of the hour since 1970.
        cap: the SMS is refused if the counter would exceed it.
    """

    account_id: AccountId
    scope: str
    key: str
    hour: int
    cap: int


def sms_counts(account_id: AccountId, recipient: str, limits: SmsLimits, now: int) -> tuple[SmsCount, ...]:
    """The counters of an SMS; none without limits.

    Args:
        recipient: E.164 digits.
        now: milliseconds UTC.
    """
    capped = [
        ("recipient", recipient, limits.per_recipient),
        ("prefix", recipient[:-_BLOCK_DIGITS], limits.per_prefix),
        ("account", "", limits.per_account),
    ]
    counters = [(scope, key, cap) for scope, key, cap in capped if cap]
    if not is_allowed_country(recipient, limits):
        counters = [("country", country_of(recipient), 0)]
    return tuple(SmsCount(account_id, scope, key, now // HOUR_MS, cap) for scope, key, cap in counters)


def is_allowed_country(recipient: str, limits: SmsLimits) -> bool:
    """Whether SMS may go to the country of a number."""
    return not limits.countries or country_of(recipient) in limits.countries


def country_of(recipient: str) -> str:
    """The ISO 3166 code of the country of a number in E.164 digits; empty for a number of none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(f"+{recipient}")) or ""
    except phonenumbers.NumberParseException:
        return ""


def unknown_countries(countries: tuple[str, ...]) -> list[str]:
    """Those that are no codes of countries with phone numbers."""
    return [country for country in countries if country not in phonenumbers.SUPPORTED_REGIONS]
