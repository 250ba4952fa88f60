"""The messages of the queues that customers read: none is lost, and a deleted one does not reappear.

A message is visible from `visible_at` on. A receive hides it for a while and increments its turn; only the
handle of the latest turn deletes it, and only while it is hidden. A message whose `enqueued_at` is at or
before `expired` has outlived its retention and is treated as deleted.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from waypost.storage.records import QueueMessage

if TYPE_CHECKING:
    from waypost.storage.queue_statements import QueueStatements

Rows = list[tuple[Any, ...]]


class QueueChanges:
    """Changes queues within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.

    Attributes:
        touched: the names of queues that messages were added to.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: "QueueStatements"
    ) -> None:
        self._run = run
        self._sql = statements
        self.touched: set[str] = set()

    def add(self, queue: str, body: str, now: int) -> None:
        """Adds a message that is visible at once."""
        self.touched.add(queue)
        new = {
            "queue": queue,
            "body": body,
            "enqueued_at": now,
            "visible_at": now,
            "received": 0,
            "turn": 0,
        }
        self._run(self._sql.add, new)

    def receive(self, queue: str, limit: int, *, now: int, until: int, expired: int) -> list[QueueMessage]:
        """Receives up to `limit` visible messages, earliest visible first, and hides them until `until`."""
        parameters = {"of_queue": queue, "now": now, "expired": expired, "limit": limit}
        received = []
        for row in self._run(self._sql.visible, parameters)[0]:
            previous = to_queue_message(row)
            self._run(self._sql.receive, {"of_id": previous.id, "until": until, "now": now})
            received.append(
                msgspec.structs.replace(
                    previous,
                    visible_at=until,
                    received=previous.received + 1,
                    turn=previous.turn + 1,
                    first_received_at=now
                    if previous.first_received_at is None
                    else previous.first_received_at,
                )
            )
        return received

    def hide(self, queue: str, id_: int, turn: int, *, now: int, until: int) -> int | None:
        """Hides a message until `until` and returns its new turn; None if `turn` is no longer current."""
        handle = {"of_queue": queue, "of_id": id_, "of_turn": turn, "now": now}
        return turn + 1 if self._run(self._sql.hide, handle | {"until": until})[1] > 0 else None

    def delete(self, queue: str, id_: int, turn: int, *, now: int) -> bool:
        """Removes a message; False if `turn` is no longer current."""
        handle = {"of_queue": queue, "of_id": id_, "of_turn": turn, "now": now}
        return self._run(self._sql.delete, handle)[1] > 0

    def forget(self, expired: int, limit: int) -> int:
        """Removes up to `limit` expired messages; returns how many."""
        return self._run(self._sql.forget, {"expired": expired, "limit": limit})[1]


class QueueReader:
    """Reads queues outside a transaction.

    Args:
        read: executes a statement.
        read_slowly: executes a statement on a second connection, for long reads in a thread; on the event
            loop's connection they would block its reads.
    """

    def __init__(
        self,
        read: Callable[[str, dict[str, Any]], Rows],
        read_slowly: Callable[[str, dict[str, Any]], Rows],
        statements: "QueueStatements",
    ) -> None:
        self._read = read
        self._read_slowly = read_slowly
        self._sql = statements
        self._listeners: list[Callable[[Iterable[str]], None]] = []

    async def peek(self, queue: str, limit: int, *, now: int, expired: int) -> list[QueueMessage]:
        """The messages that a receive would return now, unchanged."""
        parameters = {"of_queue": queue, "now": now, "expired": expired, "limit": limit}
        return [to_queue_message(row) for row in self._read(self._sql.visible, parameters)]

    async def due(self, queue: str, *, expired: int) -> int | None:
        """The earliest `visible_at` in a queue, milliseconds UTC; None for an empty queue."""
        rows = self._read(self._sql.due, {"of_queue": queue, "expired": expired})
        return rows[0][0] if rows else None

    async def counts(self, queue: str, *, now: int, expired: int) -> tuple[int, int]:
        """How many messages of a queue are visible, and how many are hidden."""
        parameters = {"of_queue": queue, "now": now, "expired": expired}

        def count() -> tuple[int, int]:
            visible = self._read_slowly(self._sql.count_visible, parameters)[0][0]
            return visible, self._read_slowly(self._sql.count, parameters)[0][0] - visible

        # The cost grows with the length of the queue.
        return await asyncio.to_thread(count)

    def listen(self, listener: Callable[[Iterable[str]], None]) -> None:
        """Calls `listener`, after each commit that added messages, with the names of their queues."""
        self._listeners.append(listener)

    def notify(self, queues: Iterable[str]) -> None:
        """Calls the listeners with the names of queues that messages were added to."""
        for listener in self._listeners:
            listener(queues)


def to_queue_message(row: tuple[Any, ...]) -> QueueMessage:
    """A queue's message from its row."""
    return QueueMessage(
        id=row[0],
        queue=row[1],
        body=row[2],
        enqueued_at=row[3],
        visible_at=row[4],
        received=row[5],
        first_received_at=row[6],
        turn=row[7],
    )
