"""How the demo looks: on a terminal in colour and as wide as it is, elsewhere plain and 100 wide."""

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
    """Writes the story on standard output."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # Not every terminal can show the tick; a demo does not end for that.
            sys.stdout.reconfigure(errors="replace")
        plain = not sys.stdout.isatty()
        self._console = Console(width=_PLAIN_WIDTH if plain else None, highlight=False, soft_wrap=False)

    def print(self, text: str, style: str = "") -> None:
        """A paragraph."""
        self._console.print(Text(text, style))

    def chapter(self, number: int, title: str, text: str) -> None:
        """Begins a story."""
        self._console.print()
        self._console.print(Rule(Text(f"{number}. {title}", "bold"), align="left"))
        self._console.print(Text(text))

    def call(self, parameters: dict[str, Any]) -> None:
        """The call the program makes."""
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in parameters.items():
            table.add_row(name, str(value))
        self._indented("The program calls send_chatapp_message:", table)

    def message(self, timeline: dict[str, Any]) -> None:
        """What became of it."""
        self._indented(f"Message {timeline['message_id']} ended {timeline['state']}:", events_view(timeline))

    def callbacks(self, callbacks: list[dict[str, Any]]) -> None:
        """What the program was told."""
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
        self._indented("Its callback URL was told:", table)

    def phone(self, number: str, shown: list[dict[str, Any]]) -> None:
        """What the phone shows."""
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for message in shown:
            table.add_row(
                message["channel"], f"from {message['from']}", f"“{message['text']}”", message["state"]
            )
        self._indented(f"The phone {number} shows:", table)

    def confirm(self, statement: str) -> None:
        """A statement that was checked and is true."""
        self._console.print(Text.assemble(("  ✓ ", "bold green"), statement))

    def _indented(self, head: str, table: Table) -> None:
        self._console.print(Text(f"\n{head}"))
        self._console.print(Padding(table, (0, 0, 0, 2)))
