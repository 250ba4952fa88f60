"""The store on a SQLite file; other rooms open it with `SqliteStore`."""

from waypost.storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
