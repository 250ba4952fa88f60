"""The schema's history, run by Alembic; a store brings its own database up to date when it is opened."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from waypost.storage.file_locks import lock
from waypost.storage.migrations.backup import BackupError, back_up

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0019"


class UnusableDatabaseError(Exception):
    """The file is not a database of this or an older Waypost; the message names the remedy."""


def bring_up_to_date(path: Path) -> None:
    """Creates the SQLite file at `path`, or migrates it to the current schema.

    Before an existing database is migrated, a copy of it is written beside it, named by the revision that it
    had: `waypost.db.before-0005`.

    Raises:
        UnusableDatabaseError: it cannot be opened, is not a database, was written by a newer Waypost, or
            cannot be copied.
    """
    try:
        if _stored_revision(path) == HEAD:
            return
        # Loaded here: what only opens databases that are up to date starts faster without.
        from waypost.storage.migrations.creation import create_if_empty

        if not create_if_empty(path, HEAD):
            with _migration_lock(path.parent):
                _migrate(path)
    except sqlite3.Error as error:
        raise UnusableDatabaseError(f"{path}: cannot be used as the database: {error}") from None


@contextmanager
def _migration_lock(folder: Path) -> Iterator[None]:
    """Locks a folder against migrations by other processes: a command that runs beside a starting service
    would copy a half-migrated database."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _stored_revision(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")
        if tables.fetchone() is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def alembic_configuration(path: Path) -> "Config":
    """Alembic's configuration for the SQLite file at `path`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = f"sqlite:///{path}"
    return config


def _migrate(path: Path) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError
    from sqlalchemy.exc import DatabaseError

    config = alembic_configuration(path)
    # Another process may have migrated it while this one waited.
    revision = _stored_revision(path)
    if revision == HEAD:
        return
    try:
        if revision is not None:
            # Raises CommandError for an unknown revision, before anything is copied.
            ScriptDirectory.from_config(config).get_revision(revision)
            back_up(path, revision)
        command.upgrade(config, "head")
    except CommandError:
        raise UnusableDatabaseError(
            f"{path}: was written by a newer Waypost. Install that version or a later one"
        ) from None
    except BackupError as error:
        raise UnusableDatabaseError(
            f"{path}: was not brought up to date, because its copy could not be written first: {error}. Make "
            "room, or the folder writable, and start again; nothing was changed"
        ) from None
    except DatabaseError as error:
        raise UnusableDatabaseError(f"{path}: cannot be brought up to date: {error.orig}") from None
