"""What a store promises of the queues: nothing in them is lost, and nothing deleted comes back.

A message is visible from `visible_at` on; a receive hides it for a while and gives it a new turn, and only
the handle of the latest turn deletes it, while it is hidden. `expired` is the time at or before which a
message was written when its retention has ended: such a message is treated as gone.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from waypost.storage.records import QueueMessage


class QueueChanges(Protocol):
    """The queues' part of a transaction."""

    def add_queue_message(self, queue: str, body: str, now: int) -> None:
        """Writes a message, visible at once."""
        ...

    def receive_queue_messages(
        self, queue: str, limit: int, *, now: int, until: int, expired: int
    ) -> list[QueueMessage]:
        """Hides up to `limit` visible messages until `until`, the longest visible first; as they are now."""
        ...

    def hide_queue_message(self, queue: str, id_: int, turn: int, *, now: int, until: int) -> int | None:
        """Hides a message until `until` from now on; its new turn, or None when that turn is over."""
        ...

    def delete_queue_message(self, queue: str, id_: int, turn: int, *, now: int) -> bool:
        """Removes a message; False when that turn is over."""
        ...


class QueueReads(Protocol):
    """The queues' part of a store."""

    async def peek_queue(self, queue: str, limit: int, *, now: int, expired: int) -> list[QueueMessage]:
        """What a receive would give now, left as it is."""
        ...

    async def queue_due(self, queue: str, *, expired: int) -> int | None:
        """The earliest `visible_at` in a queue; None for an empty one."""
        ...

    async def queue_counts(self, queue: str, *, now: int, expired: int) -> tuple[int, int]:
        """How many messages of a queue are visible, and how many are hidden."""
        ...

    async def forget_queue_messages(self, expired: int, limit: int) -> int:
        """Removes up to `limit` messages written at `expired` or before; how many it removed."""
        ...

    def listen_to_queues(self, told: Callable[[Iterable[str]], None]) -> None:
        """Calls `told` with the names of queues that got messages, each time some were committed."""
        ...
