"""Limits on fallback SMS, against SMS pumping: somebody who can make a program send one-time passwords has
many of them sent to numbers that earn them money.

Hours are those of the clock, UTC. What is counted is legs: another attempt of the same leg costs nothing
more. `sms_counts.py` says which counters an SMS adds to.
"""

from typing import NamedTuple

import msgspec

from waypost.model.identifiers import AccountId

HOUR_MS = 3_600_000


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
