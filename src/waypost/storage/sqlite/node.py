"""A node: one run of a process that claims work on a SQLite file.

A node holds a lock on a file of its own beside the database as long as its process lives, however that ends.
So another one on the same machine knows at once that it is dead, and that what it had claimed may be claimed
again. Its number is part of MessageIds; its run is part of the ids and fences of the journal, which are thus
never used twice.
"""

import itertools
import os
import sqlite3
from pathlib import Path

from waypost.storage.file_locks import try_lock
from waypost.storage.records import Lease

NUMBERS = 100
"""How many nodes can run at once on a file; a MessageId has two digits for the number."""
RUN_BITS = 36
"""An id is the run of its node, shifted by so many bits, and a running number: 68 billion a run."""


class TooManyNodesError(Exception):
    """As many processes as there are numbers use this database."""


class Node:
    """A node that has joined.

    Args:
        path: the SQLite file.
        connection: joins in a transaction of its own; none may be open.

    Attributes:
        number: 0 to 99; no two living nodes have the same.
        run: the number of this run, never used twice.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self.number, self._descriptor = self._lock_number()
        try:
            self.run = self._join(connection)
        except BaseException:
            os.close(self._descriptor)
            raise
        self._ids = itertools.count((self.run << RUN_BITS) + 1)

    @property
    def lock_file(self) -> Path:
        """The file that it holds a lock on while it lives."""
        return self._lock_file(self.number)

    def next_id(self) -> int:
        """A new id for a row of the journal, or for a claim."""
        return next(self._ids)

    def lease(self, now: int, deadline: float) -> Lease:
        """A lease on a row that is written with its claim."""
        return Lease(next(self._ids), next(self._ids), now, deadline)

    def others(self, connection: sqlite3.Connection) -> list[tuple[int, int]]:
        """The other nodes, dead ones too, as (run, number)."""
        rows = connection.execute("SELECT run, number FROM node WHERE run <> ?", (self.run,)).fetchall()
        return [(run, number) for run, number in rows if number != self.number]

    def is_alive(self, number: int) -> bool:
        """Whether another node of that number lives."""
        try:
            descriptor = os.open(self._lock_file(number), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            return not try_lock(descriptor, shared=True)
        finally:
            os.close(descriptor)

    def leave(self) -> None:
        """Ends the node: what it has claimed may be claimed by others."""
        os.close(self._descriptor)

    def _lock_number(self) -> tuple[int, int]:
        for number in range(NUMBERS):
            descriptor = os.open(self._lock_file(number), os.O_RDWR | os.O_CREAT, 0o600)
            if try_lock(descriptor):
                return number, descriptor
            os.close(descriptor)
        raise TooManyNodesError(f"{self._path}: {NUMBERS} processes use this database")

    def _join(self, connection: sqlite3.Connection) -> int:
        connection.execute("BEGIN IMMEDIATE")
        cursor = connection.execute("INSERT INTO node (number) VALUES (?)", (self.number,))
        run = int(cursor.lastrowid or 0)
        # Whoever had this number before is dead: the lock was free.
        connection.execute("DELETE FROM node WHERE number = ? AND run <> ?", (self.number, run))
        connection.execute("COMMIT")
        return run

    def _lock_file(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.node-{number}")
