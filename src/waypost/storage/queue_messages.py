"""The queues' part of a transaction and of a store, on SQL."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from waypost.storage.records import QueueMessage
from waypost.storage.rows import Parameters, Row

if TYPE_CHECKING:
    from waypost.storage.statements import Statements
    from waypost.storage.transaction import Cursor


class SqlQueueChanges:
    """`waypost.storage.queue_contract.QueueChanges`, for the transaction that has the cursor."""

    queues: set[str]
    _sql: "Statements"
    _cursor: "Cursor"

    def _execute(self, sql: str, parameters: Parameters) -> None:
        raise NotImplementedError

    def add_queue_message(self, queue: str, body: str, now: int) -> None:
        """Writes a message, visible at once."""
        self.queues.add(queue)
        new = {
            "queue": queue,
            "body": body,
            "enqueued_at": now,
            "visible_at": now,
            "received": 0,
            "turn": 0,
        }
        self._execute(self._sql.queue.add, new)

    def receive_queue_messages(
        self, queue: str, limit: int, *, now: int, until: int, expired: int
    ) -> list[QueueMessage]:
        """Hides up to `limit` visible messages until `until`."""
        self._execute(
            self._sql.queue.visible, {"of_queue": queue, "now": now, "expired": expired, "limit": limit}
        )
        received = []
        for row in self._cursor.fetchall():
            was = to_queue_message(row)
            self._execute(self._sql.queue.receive, {"of_id": was.id, "until": until, "now": now})
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

    def hide_queue_message(self, queue: str, id_: int, turn: int, *, now: int, until: int) -> int | None:
        """Hides a message until `until` from now on."""
        held = {"of_queue": queue, "of_id": id_, "of_turn": turn, "now": now}
        self._execute(self._sql.queue.hide, held | {"until": until})
        return turn + 1 if self._cursor.rowcount > 0 else None

    def delete_queue_message(self, queue: str, id_: int, turn: int, *, now: int) -> bool:
        """Removes a message."""
        held = {"of_queue": queue, "of_id": id_, "of_turn": turn, "now": now}
        self._execute(self._sql.queue.delete, held)
        return self._cursor.rowcount > 0


class SqlQueueReads:
    """Most of `waypost.storage.queue_contract.QueueReads`, for the store that has the reading connection."""

    _sql: "Statements"
    _queue_listeners: list[Callable[[Iterable[str]], None]]

    def _read(self, sql: str, parameters: Parameters) -> list[Row]:
        raise NotImplementedError

    def _value(self, sql: str, parameters: Parameters) -> Any:
        raise NotImplementedError

    async def peek_queue(self, queue: str, limit: int, *, now: int, expired: int) -> list[QueueMessage]:
        """What a receive would give now."""
        asked = {"of_queue": queue, "now": now, "expired": expired, "limit": limit}
        return [to_queue_message(row) for row in self._read(self._sql.queue.visible, asked)]

    async def queue_due(self, queue: str, *, expired: int) -> int | None:
        """The earliest `visible_at` in a queue."""
        due: int | None = self._value(self._sql.queue.due, {"of_queue": queue, "expired": expired})
        return due

    async def queue_counts(self, queue: str, *, now: int, expired: int) -> tuple[int, int]:
        """How many messages of a queue are visible, and how many are hidden."""
        asked = {"of_queue": queue, "now": now, "expired": expired}

        def count() -> tuple[int, int]:
            visible = self._value(self._sql.queue.count_visible, asked)
            return visible, self._value(self._sql.queue.count, asked) - visible

        # It costs the more the longer the queue is, so not on the event loop's thread.
        return await asyncio.to_thread(count)

    def listen_to_queues(self, told: Callable[[Iterable[str]], None]) -> None:
        """Calls `told` with the names of queues that got messages."""
        self._queue_listeners.append(told)

    def _tell_listeners(self, queues: Iterable[str]) -> None:
        for told in self._queue_listeners:
            told(queues)


def to_queue_message(row: Row) -> QueueMessage:
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
