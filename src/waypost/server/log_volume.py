"""Bounds how much is logged: what fails for every message or request may fail thousands of times a second."""

import time
import traceback
from collections.abc import Callable, MutableMapping
from types import TracebackType
from typing import Any, TextIO, TypeAlias

import structlog

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]

_WINDOW_S = 10.0
_LINES = 50
_MAX_TRACEBACK_LENGTH = 8_000
_BOUNDED = frozenset({"warning", "error", "critical"})


class LogVolume:
    """A processor of structlog that lets at most 50 warnings or errors of one event through in 10 seconds.

    The next line of the event has the number of those that were left out, as `left_out`.

    Args:
        seconds: a monotonic clock.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        # When the window of each event began, its lines, and how many were left out.
        self._windows: dict[str, tuple[float, int, int]] = {}

    def __call__(self, _: Any, __: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The event, or `structlog.DropEvent`."""
        if event_dict.get("level") not in _BOUNDED:
            return event_dict
        name = str(event_dict.get("event"))
        now = self._seconds()
        began, lines, left_out = self._windows.get(name, (now, 0, 0))
        if now - began >= _WINDOW_S:
            began, lines = now, 0
        if lines >= _LINES:
            self._windows[name] = began, lines, left_out + 1
            raise structlog.DropEvent
        if left_out:
            event_dict["left_out"] = left_out
        self._windows[name] = began, lines + 1, 0
        return event_dict


def bounded_traceback(exc_info: ExcInfo) -> str:
    """A traceback without values, of at most 8,000 characters: its beginning and its end."""
    text = "".join(traceback.format_exception(*exc_info)).rstrip()
    if len(text) <= _MAX_TRACEBACK_LENGTH:
        return text
    half = _MAX_TRACEBACK_LENGTH // 2
    return f"{text[:half]}\n  ...\n{text[-half:]}"


def write_traceback(output: TextIO, exc_info: ExcInfo) -> None:
    """Writes a bounded traceback for a terminal."""
    output.write(f"\n{bounded_traceback(exc_info)}")
