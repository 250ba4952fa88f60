"""Compiles the store's statements and its schema for SQLite, for `sql_text.json`:

python -m waypost.storage.compilation > src/waypost/storage/sql_text.json
"""

import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from waypost.storage.batch_statements import BATCH
from waypost.storage.schema import metadata
from waypost.storage.statements import Statements


def compiled_text() -> str:
    """What `sql_text.json` has to have: a JSON object with a line a statement."""
    text = {"statements": _members(Statements()), "batch": BATCH, "schema": list(_definitions())}
    return msgspec.json.format(msgspec.json.encode(text), indent=1).decode() + "\n"


def _members(statements: object) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str | list | dict) else _members(value)
        for name, value in vars(statements).items()
    }


def _definitions() -> Iterator[str]:
    version = sa.Table(
        "alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True)
    )
    yield _sql(CreateTable(version))
    for table in metadata.sorted_tables:
        yield _sql(CreateTable(table))
        # The indexes of a table are a set.
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield _sql(CreateIndex(index))


def _sql(definition: CreateTable | CreateIndex) -> str:
    return str(definition.compile(dialect=sqlite.dialect()))


if __name__ == "__main__":
    sys.stdout.write(compiled_text())
