"""A SQLite file as bytes, of one moment, and back: exact, whatever tables it has."""

import sqlite3
from contextlib import closing
from pathlib import Path

from waypost.storage.private_files import create_private_file

# Of SQLite's header: that the file is used with a write-ahead log, which an image is complete without.
_JOURNAL_MODE = slice(18, 20)
_ROLLBACK_JOURNAL = b"\x01\x01"
_BEGINNING = b"SQLite format 3\x00"


class DamagedImageError(Exception):
    """Bytes are no SQLite file, or a damaged one."""


def database_image(path: Path) -> bytes:
    """The file at `path`, which others may write to meanwhile.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as source,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        source.backup(copy)
        image = bytearray(copy.serialize())
    image[_JOURNAL_MODE] = _ROLLBACK_JOURNAL
    return bytes(image)


def check_image(image: bytes) -> str:
    """Checks an image; the migration of its schema, empty if it has none.

    Raises:
        DamagedImageError: it is no SQLite file, or a damaged one.
    """
    if not image.startswith(_BEGINNING):
        raise DamagedImageError
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(image)
            if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise DamagedImageError
            tables = database.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")
            if tables.fetchone() is None:
                return ""
            return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except sqlite3.Error:
        raise DamagedImageError from None


def write_image(path: Path, image: bytes) -> None:
    """Writes an image as the file at `path`, which only its owner may read."""
    create_private_file(path)
    path.write_bytes(image)
