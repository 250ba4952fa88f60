"""The output of the demo: in colour and full width on a terminal, else plain and 100 columns wide."""

import io
import sys
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from waypost.terminal.timeline_view import events_view

_PLAIN_WIDTH = 100


class Display:
    """Writes the demo to standard output."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # Not every terminal can show the tick, which must not end the demo.
            sys.stdout.reconfigure(errors="replace")
        plain = not sys.stdout.isatty()
        self._console = Console(width=_PLAIN_WIDTH if plain else None, highlight=False, soft_wrap=False)

    def print(self, text: str, style: str = "") -> None:
        """Prints a paragraph."""
        self._console.print(Text(text, style))

    def heading(self, number: int, title: str, text: str) -> None:
        """Prints the heading and the introduction of an example."""
        self._console.print()
        self._console.print(Rule(Text(f"{number}. {title}", "bold"), align="left"))
        self._console.print(Text(text))

    def call(self, parameters: dict[str, Any]) -> None:
        """Prints the parameters of the call."""
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in parameters.items():
            table.add_row(name, str(value))
        self._indented("The program calls send_chatapp_message:", table)

    def message(self, timeline: dict[str, Any]) -> None:
        """Prints the timeline of a message."""
        self._indented(f"Message {timeline['message_id']} ended {timeline['state']}:", events_view(timeline))

    def callbacks(self, callbacks: list[dict[str, Any]]) -> None:
        """Prints callbacks about a message."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name in ("Status", "leg", "channel", "ErrorCode", "WaypostFallbackReason"):
            table.add_column(name, overflow="fold")
        for status in callbacks:
            table.add_row(
                status["Status"],
                str(status["WaypostLeg"]),
                status["WaypostChannel"],
                status.get("ErrorCode", ""),
                status.get("WaypostFallbackReason", ""),
            )
        self._indented("Its callback URL received:", table)

    def phone(self, number: str, messages: list[dict[str, Any]]) -> None:
        """Prints the messages on a phone."""
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for message in messages:
            table.add_row(
                message["channel"], f"from {message['from']}", f"“{message['text']}”", message["state"]
            )
        self._indented(f"The phone {number} shows:", table)

    def confirm(self, statement: str) -> None:
        """Prints a statement that was checked."""
        self._console.print(Text.assemble(("  ✓ ", "bold green"), statement))

    def _indented(self, head: str, table: Table) -> None:
        self._console.print(Text(f"\n{head}"))
        self._console.print(Padding(table, (0, 0, 0, 2)))
