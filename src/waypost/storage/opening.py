"""Opens the store of a data folder: the one place that knows which database it is."""

from pathlib import Path

from waypost.storage.contract import Store


def open_database(path: Path) -> Store:
    """The store on the SQLite file at `path`; it is created, or migrated to the current schema, if needed.

    Raises:
        UnusableDatabaseError: the file is no database of this or an older Waypost.
    """
    # Loaded here, because commands that need no store start faster without it.
    from waypost.storage.sqlite import SqliteStore

    return SqliteStore(path)
