"""The text of the store's statements, compiled ahead by `compilation.py`.

They are the same in every process, and SQLAlchemy, which makes them, takes longer to load than most commands
run: who only uses a store does without it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

if TYPE_CHECKING:
    from waypost.storage.statements import Statements

TEXT = Path(__file__).with_name("sql_text.json")


class SqlText(NamedTuple):
    """What is executed on a SQLite file.

    Attributes:
        statements: as attributes named by what they do; those of an aggregate have a member of their own.
        batch: what messages come to, in the order in which it is written.
        schema: what creates the tables of an empty file.
    """

    statements: "Statements"
    batch: Mapping[str, str]
    schema: Sequence[str]


@cache
def sql_text() -> SqlText:
    """The text, as it is in the package."""
    stored: dict[str, Any] = msgspec.json.decode(TEXT.read_bytes())
    members = {
        name: SimpleNamespace(**value) if isinstance(value, dict) else value
        for name, value in stored["statements"].items()
    }
    # The same attributes as `Statements` has; a test compares them.
    return SqlText(cast("Statements", SimpleNamespace(**members)), stored["batch"], stored["schema"])
