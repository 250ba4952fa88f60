"""The copy of a database that is written beside it before its schema is migrated."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

_UNFINISHED = ".part"


class BackupError(Exception):
    """The copy cannot be written; the message has the reason, and the database is unchanged."""


def backup_path(database: Path, revision: str) -> Path:
    """The path of the copy of a database that was at a revision of the schema."""
    return database.with_name(f"{database.name}.before-{revision}")


def back_up(database: Path, revision: str) -> Path:
    """Copies a SQLite file, as of one moment, and returns the path of the copy once it is on disk.

    The copy gets its name only when it is complete; one of an earlier migration from the same revision stays
    until then. The caller holds the migration lock.

    Raises:
        BackupError: the folder cannot be written, or the disk is full.
    """
    target = backup_path(database, revision)
    unfinished = target.with_name(target.name + _UNFINISHED)
    try:
        unfinished.unlink(missing_ok=True)
        try:
            _copy(database, unfinished)
            os.replace(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync(target.parent)
    except OSError as error:
        raise BackupError(f"{target}: {error.strerror}") from None
    except sqlite3.Error as error:
        raise BackupError(f"{target}: {error}") from None
    return target


def _copy(database: Path, target: Path) -> None:
    # Created first with its mode, so that no other user can ever read it.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        # A backup in one step holds a read lock throughout, so that the copy is of one moment.
        source.backup(copy)
        # In WAL mode, which is in the copied header, the file would not be complete by itself.
        copy.execute("PRAGMA journal_mode = DELETE")
    _sync(target)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
