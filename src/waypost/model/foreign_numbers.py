"""Numbers and times from outside, bounded before anything is computed with them.

An `int` of Python has no bound and a column of the store has 64 bits: a number that is not bounded where it
comes in fails somewhere inside, with the work that it came with.
"""

import re

LAST_MOMENT = 253_402_300_799_999
"""The end of the year 9999 in milliseconds UTC; no later moment can be written as a date."""

MAX_DELAY_MS = 7 * 86_400_000
"""The longest delay that an answer may request; no message is tried for longer than two weeks."""

# A clock that is right may be ahead of ours, but not by so much.
_AHEAD_MS = 86_400_000
# As seconds they are in the year 5138, as the next finer unit in 1973.
_FIRST_MILLISECONDS = 100_000_000_000
_FIRST_MICROSECONDS = 100_000_000_000_000
_FIRST_NANOSECONDS = 100_000_000_000_000_000
_DIGITS = re.compile(r"[0-9]{1,20}")


def moment(value: int, *, in_milliseconds: bool = False) -> int | None:
    """A time since 1970 in milliseconds, from seconds, milliseconds, microseconds or nanoseconds, which are
    recognised by their size; None if it is none of a date before the year 10000.

    Args:
        in_milliseconds: whether the provider's documents say so; then it is at least milliseconds.
    """
    if _FIRST_MILLISECONDS <= value < _FIRST_MICROSECONDS:
        return value
    if value < 0 or value >= _FIRST_NANOSECONDS * 100:
        return None
    if value < _FIRST_MILLISECONDS:
        return value if in_milliseconds else value * 1000
    return value // (1000 if value < _FIRST_NANOSECONDS else 1_000_000)


def read_moment(value: object, *, in_milliseconds: bool = False) -> int | None:
    """As `moment`, of a decoded value: a whole number, or its decimal digits; None for any other."""
    if isinstance(value, str):
        value = int(value) if _DIGITS.fullmatch(value) else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return moment(value, in_milliseconds=in_milliseconds)


def not_ahead(at: int | None, now: int) -> int:
    """A moment by another's clock, as it is stored and passed on: now, if it is unknown, or so far ahead that
    the clock is wrong.

    Args:
        at, now: milliseconds UTC.
    """
    return now if at is None or not 0 <= at <= now + _AHEAD_MS else at


def delay_ms(seconds: int | str) -> int | None:
    """A requested delay in milliseconds, at most `MAX_DELAY_MS`; None if it is not a number of seconds."""
    if isinstance(seconds, str):
        if not seconds.isascii() or not seconds.isdecimal():
            return None
        # More digits than Python converts are a long delay like any other.
        seconds = int(seconds[:20]) if len(seconds.lstrip("0")) <= 20 else MAX_DELAY_MS
    return min(seconds * 1000, MAX_DELAY_MS) if seconds >= 0 else None
