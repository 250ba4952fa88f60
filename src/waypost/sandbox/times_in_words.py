"""Moments and lengths of time as the sandbox's pages show them."""

from datetime import UTC, datetime


def time_of_day(moment: int) -> str:
    """The time of day of a moment in milliseconds UTC, to the second."""
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%H:%M:%S")


def date_and_time(moment: int) -> str:
    """A moment in milliseconds UTC, to the millisecond."""
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") + f".{moment % 1000:03}"


def duration(ms: int) -> str:
    """A length of time in words that fit into a table."""
    if abs(ms) < 1000:
        return f"{ms} ms"
    seconds = abs(ms) / 1000
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{'-' if ms < 0 else ''}{seconds / length:.1f} {unit}"
    return f"{ms / 1000:.1f} s"
