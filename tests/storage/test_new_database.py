"""A new database is created at once, and is what all migrations together make of an empty file."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic import command

from waypost.storage.migrations import (
    HEAD,
    UnusableDatabaseError,
    alembic_configuration,
    bring_up_to_date,
    creation,
)
from waypost.storage.migrations.creation import create_if_empty
from waypost.storage.sql_text import sql_text


class Described(NamedTuple):
    """A table as SQLite describes it, with its indexes by name."""

    without_rowid: bool
    autoincrement: bool
    columns: list[object]
    indexes: Mapping[str, object]


def description(path: Path) -> dict[str, Described]:
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute(
            "SELECT m.name, wr, m.sql FROM pragma_table_list AS t JOIN sqlite_master AS m ON m.name = t.name"
            " WHERE m.name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            name: Described(
                bool(without_rowid),
                "AUTOINCREMENT" in sql,
                database.execute(
                    'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)', (name,)
                ).fetchall(),
                _indexes(database, name),
            )
            for name, without_rowid, sql in tables
        }


def _indexes(database: sqlite3.Connection, table: str) -> dict[str, object]:
    found = database.execute('SELECT name, "unique", origin FROM pragma_index_list(?)', (table,)).fetchall()
    return {name: (unique, origin, *_keys_and_condition(database, name)) for name, unique, origin in found}


def _keys_and_condition(database: sqlite3.Connection, index: str) -> tuple[object, str]:
    keys = database.execute(
        'SELECT name, "desc", coll FROM pragma_index_xinfo(?) WHERE key = 1', (index,)
    ).fetchall()
    [(sql,)] = database.execute("SELECT max(sql) FROM sqlite_master WHERE name = ?", (index,)).fetchall()
    return keys, " ".join((sql or "").partition(" WHERE ")[2].split())


def test_it_is_what_the_migrations_make(tmp_path: Path) -> None:
    migrated, new = tmp_path / "migrated.db", tmp_path / "new.db"
    command.upgrade(alembic_configuration(migrated), "head")
    assert create_if_empty(new, HEAD)
    assert description(new) == description(migrated)
    for path in (migrated, new):
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]


def test_what_has_tables_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()
    assert not create_if_empty(path, HEAD)
    assert path.read_bytes() == before


def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text(
        "no database at all, but a text that is long enough to be looked at\n" * 9, encoding="utf-8"
    )
    with pytest.raises(UnusableDatabaseError, match=r"text\.db"):
        bring_up_to_date(path)


def test_what_is_cut_short_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cut.db"
    with monkeypatch.context() as patched:
        whole = sql_text()
        cut_short = whole._replace(schema=[*whole.schema[:9], "CREATE TABLE"])
        patched.setattr(creation, "sql_text", lambda: cut_short)
        with pytest.raises(UnusableDatabaseError, match=r"cut\.db"):
            bring_up_to_date(path)
    assert description(path) == {}
    bring_up_to_date(path)
    assert "message" in description(path)
