"""The messages of the queues, in the database: nothing in them is lost, and nothing deleted comes back.

A message is visible from `visible_at` on; a receive hides it for a while and gives it a new turn, and only
the handle of the latest turn deletes it, while it is hidden. `expired` is the time at or before which a
message was written when its retention has ended: such a message is treated as gone.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from waypost.storage.queue_statements import QueueStatements
from waypost.storage.records import QueueMessage

Rows = list[tuple[Any, ...]]


class QueueChanges:
    """The queues within a transaction.

    Args:
        run: runs a statement; the rows it gives, and how many it changed.

    Attributes:
        touched: the queues that got messages.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: QueueStatements
    ) -> None:
        self._run = run
        self._sql = statements
        self.touched: set[str] = set()

    def add(self, queue: str, body: str, now: int) -> None:
        """Writes a message, visible at once."""
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
        """Hides up to `limit` visible messages until `until`, the longest visible first; as they are now."""
        parameters = {"of_queue": queue, "now": now, "expired": expired, "limit": limit}
        received = []
        for row in self._run(self._sql.visible, parameters)[0]:
            was = to_queue_message(row)
            self._run(self._sql.receive, {"of_id": was.id, "until": until, "now": now})
            received.append(
                msgspec.structs.replace(
                    was,
                    visible_at=until,
                    received=was.received + 1,
                    turn=was.turn + 1,
                    first_received_at=now if was.first_received_at is None else was.first_received_at,
                )
            )
        return received

    def hide(self, queue: str, id_: int, turn: int, *, now: int, until: int) -> int | None:
        """Hides a message until `until` from now on; its new turn, or None when that turn is over."""
        handle = {"of_queue": queue, "of_id": id_, "of_turn": turn, "now": now}
        return turn + 1 if self._run(self._sql.hide, handle | {"until": until})[1] > 0 else None

    def delete(self, queue: str, id_: int, turn: int, *, now: int) -> bool:
        """Removes a message; False when that turn is over."""
        handle = {"of_queue": queue, "of_id": id_, "of_turn": turn, "now": now}
        return self._run(self._sql.delete, handle)[1] > 0

    def forget(self, expired: int, limit: int) -> int:
        """Removes up to `limit` messages written at `expired` or before; how many it removed."""
        return self._run(self._sql.forget, {"expired": expired, "limit": limit})[1]


class QueueReader:
    """The queues outside a transaction.

    Args:
        read: runs a statement.
        read_aside: the same on a connection of its own, for what takes long and runs in a thread: on the
            one of the event loop's reads it would hold them up all the same.
    """

    def __init__(
        self,
        read: Callable[[str, dict[str, Any]], Rows],
        read_aside: Callable[[str, dict[str, Any]], Rows],
        statements: QueueStatements,
    ) -> None:
        self._read = read
        self._read_aside = read_aside
        self._sql = statements
        self._listeners: list[Callable[[Iterable[str]], None]] = []

    async def peek(self, queue: str, limit: int, *, now: int, expired: int) -> list[QueueMessage]:
        """What a receive would give now, left as it is."""
        parameters = {"of_queue": queue, "now": now, "expired": expired, "limit": limit}
        return [to_queue_message(row) for row in self._read(self._sql.visible, parameters)]

    async def due(self, queue: str, *, expired: int) -> int | None:
        """The earliest `visible_at` in a queue; None for an empty one."""
        rows = self._read(self._sql.due, {"of_queue": queue, "expired": expired})
        return rows[0][0] if rows else None

    async def counts(self, queue: str, *, now: int, expired: int) -> tuple[int, int]:
        """How many messages of a queue are visible, and how many are hidden."""
        parameters = {"of_queue": queue, "now": now, "expired": expired}

        def count() -> tuple[int, int]:
            visible = self._read_aside(self._sql.count_visible, parameters)[0][0]
            return visible, self._read_aside(self._sql.count, parameters)[0][0] - visible

        # It costs the more the longer the queue is.
        return await asyncio.to_thread(count)

    def listen(self, listener: Callable[[Iterable[str]], None]) -> None:
        """Calls `listener` with the names of queues that got messages, each time some were committed."""
        self._listeners.append(listener)

    def committed(self, queues: Iterable[str]) -> None:
        """Tells whoever listens that these queues got messages."""
        for listener in self._listeners:
            listener(queues)


def to_queue_message(row: tuple[Any, ...]) -> QueueMessage:
    """A message of a queue from its row."""
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
