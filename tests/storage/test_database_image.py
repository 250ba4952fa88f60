"""A database as bytes is the same database, and what is none is noticed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.model.messages import message
from tests.storage.databases import FIRST, Sqlite
from waypost.model.identifiers import MessageId
from waypost.storage.changes import AddMessage, Change
from waypost.storage.database_image import DamagedImageError, check_image, database_image, write_image
from waypost.storage.migrations import HEAD


async def test_an_image_of_a_database_that_is_in_use_has_all_that_was_written(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    original, copy = Sqlite(tmp_path), Sqlite(tmp_path / "copy")
    store = original.open()
    await store.apply([Change([AddMessage(message(message_id=FIRST))])])
    image = database_image(original.path)
    await store.close()
    assert check_image(image) == HEAD
    write_image(copy.path, image)
    assert copy.path.stat().st_mode & 0o077 == 0
    again = copy.open()
    assert await again.find_message(MessageId(FIRST)) is not None
    await again.close()


def test_a_database_without_a_migration_has_no_schema(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE a (b)")
    assert check_image(database_image(tmp_path / "other.db")) == ""


@pytest.mark.parametrize(
    "change", [lambda image: b"", lambda image: b"no database", lambda image: image[:5000]]
)
def test_a_damaged_image_is_noticed(tmp_path: Path, change: object) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.executescript("CREATE TABLE a (b); CREATE INDEX c ON a (b);")
        other.executemany("INSERT INTO a VALUES (?)", [("x" * 1000,)] * 20)
        other.commit()
    assert callable(change)
    with pytest.raises(DamagedImageError):
        check_image(change(database_image(tmp_path / "other.db")))
