"""Opens the store of a data folder: the one place that knows which database it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.migrations import UnusableDatabaseError


def open_database(path: Path, *, durable: bool = True) -> Store:
    """The store on the SQLite file at `path`; it is created, or migrated to the current schema, if needed.

    Args:
        durable: whether a commit waits for the disk.

    Raises:
        UnusableDatabaseError: the file is no database of this or an older Waypost, or is in use.
    """
    # Loaded here, because commands that need no store start faster without it.
    from waypost.storage.sqlite import SqliteStore

    return SqliteStore(path, durable=durable)


def holds_keys(path: Path) -> bool:
    """Whether there is a database at `path`, of whatever version, in which access keys have secrets."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            keys = "SELECT 1 FROM configuration WHERE kind = 'key' AND length(body) > 0 LIMIT 1"
            return connection.execute(keys).fetchone() is not None
    except sqlite3.Error:
        # Whoever opens it says what is wrong with it.
        return False


@contextmanager
def report_unavailable(folder: Path) -> Iterator[None]:
    """Raises what ails the database at the start of a service as an error that names the remedy."""
    try:
        yield
    except StoreUnavailableError as error:
        raise UnusableDatabaseError(
            f"{folder}: the database cannot be written: {error}. End the process that holds it, or make room "
            "on its disk, and start again"
        ) from None
