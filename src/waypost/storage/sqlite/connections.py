"""Connections to a SQLite file."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from waypost.storage.contract import StoreUnavailableError
from waypost.storage.rows import Row

BUSY_TIMEOUT_S = 2.5
"""How long a transaction waits for another process's, in seconds."""
READER_BUSY_TIMEOUT_S = 0.2
"""The same for a connection that only reads, on the event loop: a reader waits for no writer, only while
another process mends the write-ahead log after a crash."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -16384",
    "PRAGMA temp_store = MEMORY",
    # A checkpoint costs two flushes; the default of 1,000 pages means several a second under full load.
    "PRAGMA wal_autocheckpoint = 8000",
)


def connect(path: Path, *, durable: bool = True, busy_timeout: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """Opens a connection that begins no transaction by itself and may be used by any thread.

    Args:
        durable: whether a commit waits for the disk; what it need not outlive is faster without.
        busy_timeout: how long it waits for other processes' locks, in seconds.
    """
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    if not durable:
        connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
    return connection


def fetch(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any] | dict[str, Any]) -> list[Row]:
    """The rows of a query.

    Raises:
        StoreUnavailableError: the database or its disk does not answer.
    """
    try:
        return connection.execute(sql, parameters).fetchall()
    except sqlite3.OperationalError as error:
        raise StoreUnavailableError(str(error)) from error


def is_busy(error: BaseException) -> bool:
    """Whether another process held the lock that was needed."""
    # Errors that are not raised by the database itself have no code.
    code = getattr(error, "sqlite_errorcode", 0) if isinstance(error, sqlite3.Error) else 0
    return code & 0xFF == sqlite3.SQLITE_BUSY
