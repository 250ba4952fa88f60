"""Times that callers write as text: StartTimeStr and EndTimeStr, whose form is not published.

Taken are the forms that the product writes elsewhere: milliseconds, ISO 8601, and the time of day in
Asia/Shanghai as QueryTokenForMnsQueue answers it.
"""

from datetime import UTC, datetime, timedelta, timezone

from waypost.api.description import Decoded
from waypost.model import codes
from waypost.model.faults import Fault

SHANGHAI = timezone(timedelta(hours=8))
"""Asia/Shanghai, which has had no other offset since 1991."""

TIME_TEXTS = "milliseconds UTC, ISO 8601 with Z or an offset, or yyyy-MM-dd HH:mm:ss in Asia/Shanghai"
"""What is taken, in words."""

_LONGEST = 40


def decode_time(parameter: str, text: str, *, latest: int) -> Decoded:
    """Decodes a time to milliseconds UTC.

    Args:
        latest: the last time that is allowed, milliseconds UTC.
    """
    try:
        time = _milliseconds(text)
    except (ValueError, OverflowError):
        time = -1
    if not 0 <= time <= latest:
        return None, [Fault(codes.invalid(parameter), parameter, "is not allowed", f"{TIME_TEXTS} is", text)]
    return time, ()


def _milliseconds(text: str) -> int:
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError("it is no time")
    if text.isdecimal():
        return int(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
