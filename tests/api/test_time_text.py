"""StartTimeStr and EndTimeStr: every form in which the product writes times."""

import pytest

from waypost.api.operations.messages.time_text import decode_time

LATEST = 253_402_300_799_999
MOMENT = 1_763_869_568_000


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1763869568000", MOMENT),
        ("0", 0),
        ("2025-11-23T03:46:08Z", MOMENT),
        ("2025-11-23T11:46:08+08:00", MOMENT),
        ("2025-11-23T03:46:08.250Z", MOMENT + 250),
        ("2025-11-23 11:46:08", MOMENT),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_a_time_is_read(text: str, time: int) -> None:
    assert decode_time("StartTimeStr", text, latest=LATEST) == (time, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "-1",
        "١٧٦٣",
        "9" * 20,
        "9" * 5000,
        "2025-13-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "+1",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    value, [fault] = decode_time("EndTimeStr", text, latest=LATEST)
    assert (value, fault.code, fault.parameter) == (None, "InvalidEndTimeStr", "EndTimeStr")
