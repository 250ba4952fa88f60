"""Notices that files which are in use were removed, renamed or replaced, or their folder moved.

SQLite goes on with a file that has lost its name: each transaction is flushed, and all of them are gone when
the process ends. So files are looked at by their paths after each flush, before anybody hears of it.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from waypost.storage.contract import FilesLostError

_COMPANIONS = ("", "-wal", "-shm")


class WatchedFiles:
    """Files by their paths, with what was at each path at first.

    Args:
        paths: of files that exist.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        # Not by open descriptors: closing one would end SQLite's locks on the file.
        self._files: list[tuple[str, int, int]] = []
        for path in paths:
            self.add(path)

    @classmethod
    def of_database(cls, path: Path) -> "WatchedFiles":
        """The files of a SQLite database in WAL mode that has a connection."""
        return cls(path.with_name(path.name + suffix) for suffix in _COMPANIONS)

    def add(self, path: Path) -> None:
        """Watches one more file that exists."""
        # An absolute path, so that a move of the folder is seen from within it, too.
        absolute = os.path.abspath(path)
        found = os.stat(absolute)
        self._files.append((absolute, found.st_dev, found.st_ino))

    def check(self) -> None:
        """Compares each file with what was at its path at first; a few microseconds in all.

        Raises:
            FilesLostError: one of them is another or is not there.
        """
        for path, device, inode in self._files:
            try:
                found = os.stat(path)
            except OSError:
                raise FilesLostError(path, "was removed or moved away") from None
            if found.st_ino != inode or found.st_dev != device:
                raise FilesLostError(path, "was replaced by another file")
