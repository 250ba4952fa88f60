"""Creates a new database with the current schema at once: loading Alembic takes longer than all the rest."""

import sqlite3
from contextlib import closing
from pathlib import Path

from waypost.storage.sql_text import sql_text


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
        for statement in sql_text().schema:
            connection.execute(statement)
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute("COMMIT")
    return True
