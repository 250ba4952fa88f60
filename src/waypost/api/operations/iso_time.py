"""Times in the format of ram and sts."""

from datetime import UTC, datetime


def iso_time(at: int) -> str:
    """Formats a time in milliseconds UTC as `2015-01-23T12:33:18Z`; 0 (no time) as an empty text."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
