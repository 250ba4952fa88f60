"""Connections to a SQLite file."""

import sqlite3
import threading
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

_INTERRUPT_INTERVAL_S = 0.01

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


class Reader:
    """A connection that only reads, and may be closed by another thread than those that read.

    SQLite's own check comes too late: a connection that is closed in the middle of a query takes the process
    along.

    Args:
        busy_timeout: how long it waits for other processes' locks, in seconds.
    """

    def __init__(self, path: Path, *, busy_timeout: float = BUSY_TIMEOUT_S) -> None:
        self._connection = connect(path, busy_timeout=busy_timeout)
        self._in_use = threading.Lock()
        self._is_closed = False

    def fetch(self, sql: str, parameters: Sequence[Any] | dict[str, Any]) -> list[Row]:
        """The rows of a query.

        Raises:
            StoreUnavailableError: the database or its disk does not answer, or it is closed.
        """
        with self._in_use:
            if self._is_closed:
                raise StoreUnavailableError("the database is closed")
            try:
                return self._connection.execute(sql, parameters).fetchall()
            except sqlite3.OperationalError as error:
                raise StoreUnavailableError(str(error)) from error

    def close(self) -> None:
        """Ends a query that runs, and closes the connection."""
        self._is_closed = True
        # Again and again: one that is about to begin is not ended by it.
        while not self._in_use.acquire(timeout=_INTERRUPT_INTERVAL_S):
            self._connection.interrupt()
        self._connection.close()
        self._in_use.release()


def is_busy(error: BaseException) -> bool:
    """Whether another process held the lock that was needed."""
    # Errors that are not raised by the database itself have no code.
    code = getattr(error, "sqlite_errorcode", 0) if isinstance(error, sqlite3.Error) else 0
    return code & 0xFF == sqlite3.SQLITE_BUSY
