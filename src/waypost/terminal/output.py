"""The output of commands: text or JSON on standard output, one sentence on standard error, an exit code.

0   done
1   failed: refused by the service, or not found
2   wrong usage or settings
"""

import codecs
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

import typer

FAILED = 1
WRONG_USAGE = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def fail(sentence: str, code: int = FAILED) -> NoReturn:
    """Ends the command with one sentence on standard error."""
    typer.echo(f"waypost: {sentence}", err=True)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    """Writes a value as JSON on standard output, indented, in one document.

    In a locale that is not of UTF-8 all that is not ASCII is escaped, so that any reader gets the same text.
    """
    import msgspec

    is_unicode = codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"
    formatted = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    typer.echo(formatted if is_unicode else json.dumps(msgspec.json.decode(formatted), indent=2))


def number_of(count: int, thing: str) -> str:
    """`1 message`, `2 messages`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def format_time(at: int | None) -> str:
    """Formats a time, which is in milliseconds UTC, for people; `-` for None."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


@contextmanager
def report_settings_errors() -> Iterator[None]:
    """Ends the command with the error's message if the settings or the data folder cannot be used."""
    from waypost.config.settings import SettingsError
    from waypost.storage.contract import FilesLostError
    from waypost.storage.data_lock import DataFolderLockedError
    from waypost.storage.key_file import SecretsError
    from waypost.storage.migrations import UnusableDatabaseError

    try:
        yield
    except SettingsError as error:
        *first, last = error.sentences
        for sentence in first:
            typer.echo(f"waypost: {sentence}", err=True)
        fail(last, WRONG_USAGE)
    except (SecretsError, DataFolderLockedError, UnusableDatabaseError) as error:
        fail(str(error), WRONG_USAGE)
    except FilesLostError as error:
        fail(str(error))
