"""Runs the writer's items in transactions: what each item is, and that a refused or faulty one harms no
other."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from waypost.storage.changes import Change, ClaimNonce, Command, Refusal
from waypost.storage.records import Stage
from waypost.storage.rows import Row
from waypost.storage.sqlite.batch import Batch, Placed, commands_of
from waypost.storage.sqlite.claims import Claim, claim
from waypost.storage.sqlite.connections import BUSY_TIMEOUT_S, is_busy
from waypost.storage.sqlite.guards import Guards
from waypost.storage.sqlite.node import Node
from waypost.storage.suppressions import ListedPeople
from waypost.storage.transaction import SqlTransaction

if TYPE_CHECKING:
    from waypost.storage.statements import Statements

T = TypeVar("T")

_LATEST_CALLBACK = "SELECT coalesce(max(id), 0) FROM callback"
_HAS_NONCES = "SELECT 1 FROM nonce WHERE slice = ? LIMIT 1"
_INSERT_NONCE = "INSERT INTO nonce (slice, access_key_id, digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_INSERT_NEW_NONCE = """INSERT INTO nonce (slice, access_key_id, digest) SELECT ?1, ?2, ?3 WHERE NOT EXISTS
    (SELECT 1 FROM nonce WHERE slice IN ({}) AND access_key_id = ?2 AND digest = ?3
    AND slice >= ?4 AND slice < ?5)"""
_CHANGES = (list, tuple)
# How long a node that was seen alive is believed to live, in seconds.
_ALIVE_FOR = 1.0
# How often the write lock is tried while another process holds it, in seconds.
_BUSY_RETRY_S = 0.002


class Closure:
    """A change that reads and writes by itself within the transaction."""

    __slots__ = ("change",)

    def __init__(self, change: Callable[[SqlTransaction], Any]) -> None:
        self.change = change


Item: TypeAlias = Sequence[Change] | Closure | Claim | None


class Transactions:
    """The writing connection; used by the writer's thread alone.

    Args:
        connection: the connection that writes; it does not wait for locks by itself.
        node: returns the node, which joins at its first need.
        check_files: raises `FilesLostError` if a file of the database was taken away.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        statements: "Statements",
        people: ListedPeople,
        node: Callable[[], Node],
        check_files: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._cursor = self._connection.cursor()
        self._statements = statements
        self._people = people
        self._node = node
        self._check_files = check_files
        self._enqueued: set[tuple[Stage, str, int]] = set()
        self._queues: set[str] = set()
        # The commands of the last transaction, while somebody wants them.
        self._commands: list[Command] | None = None
        # Until when each node is believed to live, by its run; by the monotonic clock.
        self._alive_until: dict[int, float] = {}
        self._data_version = 0
        self._changed_elsewhere = False
        # Whether the transaction has written nothing yet.
        self._fresh = False

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def take_news(self) -> tuple[dict[tuple[Stage, str], int], set[str]]:
        """The lanes that the last transaction added rows to, as (stage, lane), each with the earliest
        `visible_at` of them, and the queues."""
        latest_first = sorted(self._enqueued, key=itemgetter(2), reverse=True)
        earliest = {(stage, lane): visible_at for stage, lane, visible_at in latest_first}
        queues, self._enqueued, self._queues = self._queues, set(), set()
        return earliest, queues

    def keep_commands(self, keeps: bool) -> None:
        """Keeps what is written from now on until it is taken, or does not any more."""
        self._commands = [] if keeps else None

    def take_commands(self) -> list[Command]:
        """The commands that were written since the last time, if they are kept."""
        commands = self._commands
        if commands:
            self._commands = []
        return commands or []

    def run(self, items: Sequence[Item]) -> Sequence[object]:
        """Runs items in one transaction; returns a result or an exception for each.

        Raises:
            sqlite3.Error: nothing was done.
            FilesLostError: what was done is in a file that is not there any more.
        """
        try:
            results = self._commit(items)
        except sqlite3.Error:
            # The files tell more than what SQLite makes of them.
            self._check_files()
            raise
        # After the flush, not before it: what was written to a file without a name is answered by nobody.
        self._check_files()
        return results

    def _commit(self, items: Sequence[Item]) -> Sequence[object]:
        node = self._node()
        try:
            self._begin()
            results = self._run(items, node)
            self._cursor.execute("COMMIT")
        except BaseException:
            self.take_news()
            self.take_commands()
            if self._connection.in_transaction:
                self._cursor.execute("ROLLBACK")
            raise
        return results

    def _begin(self) -> None:
        """Takes the write lock.

        SQLite's own wait tries at ever longer intervals, up to a tenth of a second, and so misses most
        moments in which a process that writes all the time has let go.
        """
        deadline = 0.0
        while True:
            try:
                self._cursor.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                now = time.monotonic()
                deadline = deadline or now + BUSY_TIMEOUT_S
                if not is_busy(error) or now >= deadline:
                    raise
            time.sleep(_BUSY_RETRY_S)
        self._fresh = True
        self._note_other_writers()

    def _run(self, items: Sequence[Item], node: Node) -> Sequence[object]:
        results: list[object] = []
        if isinstance(items[0], Closure):
            # What is first costs least, and a closure may write much.
            results.append(self._run_closure(items[0], node))
        changes: list[Change] = []
        for item in items:
            if isinstance(item, _CHANGES):
                changes += item
        refusals = self._apply(changes, node) if changes else ()
        settled = 0
        for item in items[len(results) :]:
            if isinstance(item, _CHANGES):
                first, settled = settled, settled + len(item)
                results.append(refusals[first:settled])
            else:
                results.append(self._run_other(item, node))
        return results

    def _run_other(self, item: Item, node: Node) -> object:
        if isinstance(item, Closure):
            return self._run_closure(item, node)
        if isinstance(item, Claim):
            return claim(self._query, item, self._living(node))
        changed, self._changed_elsewhere = self._changed_elsewhere, False
        return changed

    def _run_closure(self, item: Closure, node: Node) -> object:
        transaction = SqlTransaction(
            self._cursor, self._statements, self._people, lambda change: self._write([change], node)[0]
        )
        kept = len(self._commands or ())
        try:
            result: object = self._whole(lambda: item.change(transaction))
            self._queues |= transaction.queues.touched
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - it is the result of the change that raised it
            del (self._commands or [])[kept:]
            result = error
        return result

    def _apply(self, changes: Sequence[Change], node: Node) -> Sequence[Refusal | Exception | None]:
        """Writes changes together; if one of them fails by a fault of ours, each by itself."""
        try:
            return self._whole(lambda: self._write(changes, node))
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - it becomes the result of the change that raised it
            if len(changes) == 1:
                return [error]
            return [self._apply([change], node)[0] for change in changes]

    def _whole(self, write: Callable[[], T]) -> T:
        """Runs `write`; if it raises anything, nothing of it stays written.

        Raises:
            sqlite3.OperationalError: nothing of the whole transaction may be committed.
        """
        fresh, self._fresh = self._fresh, False
        if not fresh:
            self._cursor.execute("SAVEPOINT item")
        try:
            result = write()
        except sqlite3.OperationalError:
            raise
        except Exception:
            if fresh:
                # A savepoint, which costs a copy of each page that is written after it, would spare nobody.
                self._cursor.execute("ROLLBACK")
                self._begin()
            else:
                self._cursor.execute("ROLLBACK TO item")
                self._cursor.execute("RELEASE item")
            raise
        if not fresh:
            self._cursor.execute("RELEASE item")
        return result

    def _write(self, changes: Sequence[Change], node: Node) -> list[Refusal | None]:
        commands = commands_of(changes)
        refusals = Guards(self._query, self._people).refusals(changes, commands)
        if ClaimNonce in commands:
            self._claim_nonces(commands[ClaimNonce], refusals)
        if any(refusals):
            commands = {
                kind: kept
                for kind, placed in commands.items()
                if (kept := [(place, command) for place, command in placed if refusals[place] is None])
            }
        batch = Batch(node.next_id, self._latest_callback, self._people)
        batch.write(commands, self._cursor.executemany)
        self._enqueued |= batch.enqueued
        self._queues |= batch.queues
        if self._commands is not None:
            written = (change for change, refusal in zip(changes, refusals, strict=True) if refusal is None)
            self._commands += [command for change in written for command in change.commands]
        return refusals

    def _claim_nonces(self, claims: Placed, refusals: list[Refusal | None]) -> None:
        if any(refusals):
            claims = [(place, command) for place, command in claims if refusals[place] is None]
        if not claims:
            return
        self._cursor.execute("SAVEPOINT nonces")
        if self._insert_nonces([command for _, command in claims]) < len(claims):
            self._cursor.execute("ROLLBACK TO nonces")
            for place, command in claims:
                if not self._insert_nonces([command]):
                    refusals[place] = Refusal.NONCE_USED
        self._cursor.execute("RELEASE nonces")

    def _insert_nonces(self, claims: Sequence[ClaimNonce]) -> int:
        """Inserts the nonces that are recorded in none of the slices in which they could be; returns how many
        were inserted."""
        own = {claim.slice for claim in claims}
        # Of half an hour on either side hardly any slices but the last ones have any: the others, looked at
        # under the write lock, need not be searched for each nonce.
        used = own.union(
            slice_
            for slice_ in {slice_ for valid in {claim.valid for claim in claims} for slice_ in valid} - own
            if self._query(_HAS_NONCES, (slice_,))
        )
        rows: list[Row]
        if len(used) == 1:
            sql = _INSERT_NONCE
            rows = [(claim.slice, claim.access_key_id, claim.digest) for claim in claims]
        else:
            sql = _INSERT_NEW_NONCE.format(", ".join(map(str, sorted(used))))
            rows = [
                (claim.slice, claim.access_key_id, claim.digest, claim.valid.start, claim.valid.stop)
                for claim in claims
            ]
        self._cursor.executemany(sql, rows)
        return self._cursor.rowcount

    def _latest_callback(self) -> int:
        return int(self._query(_LATEST_CALLBACK, ())[0][0])

    def _living(self, node: Node) -> list[int]:
        """The runs of the nodes that live; one that was not seen before is always looked at, because it may
        have claimed something since the last look."""
        now = time.monotonic()
        known = self._alive_until
        self._alive_until = {
            run: known[run] if known.get(run, 0.0) > now else now + _ALIVE_FOR
            for run, number in node.others(self._connection)
            if known.get(run, 0.0) > now or node.is_alive(number)
        }
        return [node.run, *self._alive_until]

    def _note_other_writers(self) -> None:
        version = self._query("PRAGMA data_version", ())[0][0]
        if version != self._data_version:
            self._changed_elsewhere = self._changed_elsewhere or self._data_version != 0
            self._data_version = version

    def _query(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        return self._cursor.execute(sql, parameters).fetchall()
