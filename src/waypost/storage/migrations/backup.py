"""The copy of a database that is written beside it before its schema is migrated."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

_UNFINISHED = ".part"


class BackupError(Exception):
    """The copy cannot be written; the message says why, and nothing was changed."""


def backup_path(database: Path, revision: str) -> Path:
    """Where the copy of a database lies that was at a revision of the schema."""
    return database.with_name(f"{database.name}.before-{revision}")


def back_up(database: Path, revision: str) -> Path:
    """Copies a SQLite file as of this moment, and returns where to once the copy is on the disk.

    The copy gets its name only when it is whole: one of an earlier migration from the same revision stays
    until then. Whoever calls it sees to it that nobody else migrates or copies the database meanwhile.

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
        _flush(target.parent)
    except OSError as error:
        raise BackupError(f"{target}: {error.strerror}") from None
    except sqlite3.Error as error:
        raise BackupError(f"{target}: {error}") from None
    return target


def _copy(database: Path, target: Path) -> None:
    # Made first, so that it is nobody else's to read from its first byte on.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        # One step holds a read lock for its whole time, so that the copy is of one moment.
        source.backup(copy)
        # In WAL mode, which is in the copied header, the file would not be complete by itself.
        copy.execute("PRAGMA journal_mode = DELETE")
    _flush(target)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
