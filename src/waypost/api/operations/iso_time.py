"""Times as the answers of ram and sts have them."""

from datetime import UTC, datetime


def iso_time(at: int) -> str:
    """A time in milliseconds UTC as `2015-01-23T12:33:18Z`; empty for 0, which stands for none."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
