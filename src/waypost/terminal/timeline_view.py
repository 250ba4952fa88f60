"""Renders the timeline of a message for a terminal."""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from waypost.terminal.output import format_time

_GOOD = ("delivered", "read")
_BAD = ("failed", "expired")


def timeline_view(timeline: dict[str, Any]) -> RenderableType:
    """Renders a history from `waypost.messaging.history`: the message, its timeline, legs and timers."""
    head = Text.assemble(
        ("message ", "dim"),
        (timeline["message_id"], "bold"),
        "  ",
        _styled_state(timeline["state"]),
        f"\n{timeline['channel']} {timeline['message_type']} from {timeline['from']} to "
        f"{timeline['to'] or '- (its content and number were removed)'}, ",
        f"account {timeline['account_id']}, accepted {format_time(timeline['accepted_at'])} UTC",
    )
    parts: list[RenderableType] = [head, events_view(timeline)]
    parts += [
        Text(f"leg {leg['leg']} {leg['channel']} from {leg['from']}: {leg['state']}{_leg_summary(leg)}")
        for leg in timeline["legs"]
    ]
    parts += [
        Text(f"still to come: {timer['kind']} of leg {timer['leg']} at {format_time(timer['due'])} UTC")
        for timer in timeline["timers"]
    ]
    return Group(*parts)


def events_view(timeline: dict[str, Any]) -> Table:
    """Renders the events of a timeline, each with the time since the call was accepted."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    channels = {leg["leg"]: leg["channel"] for leg in timeline["legs"]}
    for event in timeline["timeline"]:
        since = (event["at"] - timeline["accepted_at"]) / 1000
        leg = f"leg {event['leg']} {channels.get(event['leg'], timeline['channel'])}"
        table.add_row(f"+{since:.1f} s", leg, Text(event["text"], _event_style(event["kind"])))
    return table


def _event_style(kind: str) -> str:
    return {"fallback": "yellow", "end": "bold", "refused": "red", "unknown": "magenta"}.get(kind, "")


def _styled_state(state: str) -> tuple[str, str]:
    if state in _GOOD:
        return state, "bold green"
    return state, "bold red" if state in _BAD else "bold yellow"


def _leg_summary(leg: dict[str, Any]) -> str:
    reason = f" ({leg['code']}: {leg['text']})" if leg["code"] else ""
    attempts = len(leg["attempts"])
    return f"{reason}, {attempts} attempt{'' if attempts == 1 else 's'}"
