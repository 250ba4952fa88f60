"""The copy of a database that is written beside it before its schema is migrated."""

from pathlib import Path

from waypost.storage.database_copy import CopyError, copy_database

BackupError = CopyError


def backup_path(database: Path, revision: str) -> Path:
    """The path of the copy of a database that was at a revision of the schema."""
    return database.with_name(f"{database.name}.before-{revision}")


def back_up(database: Path, revision: str) -> Path:
    """Copies a SQLite file, as of one moment, and returns the path of the copy once it is on disk.

    The copy gets its name only when it is complete; one of an earlier migration from the same revision stays
    until then. The caller holds the migration lock.

    Raises:
        BackupError: the folder cannot be written, or the disk is full; the database is unchanged.
    """
    target = backup_path(database, revision)
    copy_database(database, target)
    return target
