"""The schema's history, run by Alembic; a store brings its own database up to date when it is opened."""

import sqlite3
from contextlib import closing
from pathlib import Path

HEAD = "0006"


class UnusableDatabaseError(Exception):
    """The file is not a database of this or an older Waypost; the message says what to change."""


def bring_up_to_date(path: Path) -> None:
    """Makes or migrates the SQLite file at `path` to the current schema.

    Raises:
        UnusableDatabaseError: it cannot be opened, is not a database, or was written by a newer Waypost.
    """
    # Loading Alembic costs more time and memory than all the rest of a start, and is rarely needed.
    try:
        if _version(path) != HEAD:
            _migrate(path)
    except sqlite3.Error as error:
        raise UnusableDatabaseError(f"{path}: cannot be used as the database: {error}") from None


def _version(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")
        if tables.fetchone() is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def _migrate(path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy.exc import DatabaseError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = f"sqlite:///{path}"
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise UnusableDatabaseError(
            f"{path}: was written by a newer Waypost. Install that version or a later one"
        ) from None
    except DatabaseError as error:
        raise UnusableDatabaseError(f"{path}: cannot be brought up to date: {error.orig}") from None
