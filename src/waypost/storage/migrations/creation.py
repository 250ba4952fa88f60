"""Creates a new database with the current schema at once: loading Alembic takes longer than all the rest."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from waypost.storage.schema import metadata


def create_if_empty(path: Path, revision: str) -> bool:
    """Creates all tables in the SQLite file at `path` in one transaction, if it has none.

    Args:
        revision: the revision that the schema has.

    Returns:
        Whether they were created; False if there are tables already.

    Raises:
        sqlite3.Error: the file cannot be written, or is not a database.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None:
            return False
        for statement in _statements():
            connection.execute(statement)
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute("COMMIT")
    return True


@cache
def _statements() -> Sequence[str]:
    version = sa.Table(
        "alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True)
    )
    return [_sql(CreateTable(version)), *_definitions()]


def _definitions() -> Iterator[str]:
    for table in metadata.sorted_tables:
        yield _sql(CreateTable(table))
        for index in table.indexes:
            yield _sql(CreateIndex(index))


def _sql(definition: CreateTable | CreateIndex) -> str:
    return str(definition.compile(dialect=sqlite.dialect()))
