"""`waypost check`: looks the settings over without starting anything."""

from pathlib import Path
from typing import Annotated

import typer

from waypost.terminal.output import WRONG_USAGE, AsJson, print_json


def check_settings(
    config: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Your settings (TOML), laid over the defaults.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look the settings over as `waypost serve` does, and print every mistake and every warning.

    Nothing is started, opened or written.

    Example:

        waypost check --config waypost.toml

    Exit codes: 0 a service can run with them, warnings or not, 2 there are mistakes.
    """
    from waypost.config.loading import inspect

    inspection = inspect(config, for_service=True)
    if as_json:
        print_json(
            [
                {
                    "severity": "warning" if mistake.is_warning else "error",
                    "source": mistake.source,
                    "line": mistake.line or None,
                    "key": mistake.key,
                    "sentence": mistake.sentence,
                }
                for mistake in inspection.mistakes
            ]
        )
    else:
        for mistake in inspection.mistakes:
            typer.echo(f"warning: {mistake.sentence}" if mistake.is_warning else mistake.sentence)
        mistakes, warnings = len(inspection.errors), len(inspection.warnings)
        typer.echo(f"{_counted(mistakes, 'mistake')}, {_counted(warnings, 'warning')}", err=True)
    if inspection.errors:
        raise typer.Exit(WRONG_USAGE)


def _counted(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
