"""Connections to a SQLite file."""

import sqlite3
from pathlib import Path

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    # How long a transaction waits for another process's, in milliseconds.
    "PRAGMA busy_timeout = 3000",
    "PRAGMA cache_size = -16384",
    "PRAGMA temp_store = MEMORY",
    # A checkpoint costs two flushes; the default of 1,000 pages means several a second under full load.
    "PRAGMA wal_autocheckpoint = 8000",
)


def connect(path: Path, *, durable: bool = True) -> sqlite3.Connection:
    """Opens a connection that begins no transaction by itself and may be used by any thread.

    Args:
        durable: whether a commit waits for the disk; what it need not outlive is faster without.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    if not durable:
        connection.execute("PRAGMA synchronous = OFF")
    return connection
