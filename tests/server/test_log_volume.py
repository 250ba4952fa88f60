"""What fails for every message or request does not fill the disk."""

from typing import Any

import pytest
import structlog

from waypost.server.log_volume import LogVolume, bounded_traceback


def passed(volume: LogVolume, event: str, level: str = "warning") -> dict[str, Any] | None:
    try:
        return dict(volume(None, level, {"event": event, "level": level}))
    except structlog.DropEvent:
        return None


def test_an_event_is_bounded_and_what_was_left_out_is_counted() -> None:
    now = 100.0
    volume = LogVolume(lambda: now)
    lines = [passed(volume, "connector.failed") for _ in range(1000)]
    assert len([line for line in lines if line]) == 50
    assert passed(volume, "another.event") == {"event": "another.event", "level": "warning"}
    now += 10
    assert passed(volume, "connector.failed") == {
        "event": "connector.failed",
        "level": "warning",
        "left_out": 950,
    }
    assert passed(volume, "connector.failed") == {"event": "connector.failed", "level": "warning"}


def test_information_is_not_bounded() -> None:
    volume = LogVolume()
    assert all(passed(volume, "service.started", "info") for _ in range(100))


def test_a_traceback_keeps_its_beginning_and_its_end() -> None:
    with pytest.raises(ValueError, match="x") as raised:
        raise ValueError("x" * 20_000)
    text = bounded_traceback((raised.type, raised.value, raised.tb))
    assert text.startswith("Traceback")
    assert len(text) < 8_100
    assert text.endswith("x" * 100)
