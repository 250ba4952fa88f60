"""Which counters a fallback SMS adds to, and which countries it may go to."""

import phonenumbers

from waypost.model.identifiers import AccountId
from waypost.model.message.sms_limits import HOUR_MS, SmsCount, SmsLimits

# Pumped numbers are bought in blocks: those that differ in the last four digits alone count together.
_BLOCK_DIGITS = 4


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
