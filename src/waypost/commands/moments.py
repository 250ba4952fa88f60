"""The options of commands for times."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from waypost.terminal.output import WRONG_USAGE, fail

_FORMAT = "2026-11-23 or 2026-11-23T04:05:06, in UTC"

Since = Annotated[str | None, typer.Option(help=f"Only those from this time on: {_FORMAT}.")]
Until = Annotated[str | None, typer.Option(help="Only those before this time.")]


def option_time(text: str | None) -> int | None:
    """The time of an option in milliseconds UTC; None for None. Ends the command if it is not understood."""
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no time; allowed is {_FORMAT}", WRONG_USAGE)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return int(parsed.timestamp() * 1000)
