"""A copy of a SQLite file, as of one moment, that has its name only when it is complete."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

_UNFINISHED = ".part"
# 8 MiB with the usual pages: between two steps a signal can end it.
_PAGES_PER_STEP = 2000


class CopyError(Exception):
    """The copy cannot be written; the message has the reason, and nothing has the copy's name."""


def copy_database(database: Path, target: Path) -> None:
    """Copies a SQLite file, which others may write to meanwhile; returns once the copy is on disk.

    Only its owner may read the copy. One that has its name already is replaced in the end.

    Raises:
        CopyError: the database cannot be read, or the folder cannot be written, or its disk is full.
    """
    unfinished = target.with_name(target.name + _UNFINISHED)
    try:
        unfinished.unlink(missing_ok=True)
        try:
            _copy(database, unfinished)
            os.replace(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)
        sync(target.parent)
    except OSError as error:
        raise CopyError(f"{target}: {error.strerror}") from None
    except sqlite3.Error as error:
        raise CopyError(f"{target}: {error}") from None


def _copy(database: Path, target: Path) -> None:
    # Created first with its mode, so that no other user can ever read it.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        closing(sqlite3.connect(database, isolation_level=None)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        # The copy is of the moment of this read, whatever is written while its steps are taken; without it
        # each foreign write would begin the copy anew. In WAL mode no writer waits for it.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES_PER_STEP)
        # In WAL mode, which is in the copied header, the file would not be complete by itself.
        copy.execute("PRAGMA journal_mode = DELETE")
    sync(target)


def sync(path: Path) -> None:
    """Flushes a file, or the names in a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
