"""The schema's history, run by Alembic; a store brings its own database up to date when it is opened."""

import sqlite3
from contextlib import closing
from pathlib import Path

HEAD = "0001"


def bring_up_to_date(path: Path) -> None:
    """Makes or migrates the SQLite file at `path` to the current schema.

    Raises:
        sqlite3.Error: the file cannot be opened or is not a database.
        alembic.util.CommandError: the file was written by a newer Waypost.
    """
    # Loading Alembic costs more time and memory than all the rest of a start, and is rarely needed.
    if _version(path) != HEAD:
        _migrate(path)


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

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = f"sqlite:///{path}"
    command.upgrade(config, "head")
