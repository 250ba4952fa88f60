"""The queues against a model of them: whatever is done, in whatever order, the two agree."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, rule

from tests.storage.databases import NOW
from tests.storage.store_machine import StoreMachine
from waypost.storage.records import QueueMessage

RETENTION = 40
queues = st.sampled_from(["Alicom-Queue-1-ChatAppStatus", "Alicom-Queue-1-ChatAppInbound"])


class Lying(msgspec.Struct):
    """A message as the model has it."""

    name: str
    queue: str
    enqueued_at: int
    visible_at: int
    received: int = 0
    turn: int = 0


class QueueMachine(StoreMachine):
    """Time only goes forward; the store is also closed and opened again, which changes nothing."""

    handles: Bundle[tuple[str, QueueMessage]] = Bundle("handles")

    def __init__(self) -> None:
        super().__init__()
        self.lying: list[Lying] = []
        self.deleted: set[str] = set()
        self.now = NOW
        self.names = 0

    @property
    def expired(self) -> int:
        return self.now - RETENTION

    def alive(self, queue: str) -> list[Lying]:
        return [one for one in self.lying if one.queue == queue and one.enqueued_at > self.expired]

    def visible(self, queue: str) -> list[Lying]:
        seen = [one for one in self.alive(queue) if one.visible_at <= self.now]
        return sorted(seen, key=lambda one: (one.visible_at, int(one.name)))

    @rule(queue=queues, count=st.integers(1, 3))
    def add(self, queue: str, count: int) -> None:
        for _ in range(count):
            self.names += 1
            name = str(self.names)
            self.write(lambda tx, name=name: tx.queues.add(queue, name, self.now))
            self.lying.append(Lying(name, queue, self.now, self.now))

    @rule(target=handles, queue=queues, limit=st.integers(1, 4), hidden=st.integers(1, 20))
    def receive(self, queue: str, limit: int, hidden: int) -> Any:
        expected = self.visible(queue)[:limit]
        until = self.now + hidden
        received: list[QueueMessage] = self.write(
            lambda tx: tx.queues.receive(queue, limit, now=self.now, until=until, expired=self.expired)
        )
        assert [message.body for message in received] == [one.name for one in expected]
        for one, message in zip(expected, received, strict=True):
            one.visible_at, one.received, one.turn = until, one.received + 1, one.turn + 1
            assert (message.received, message.turn, message.visible_at) == (one.received, one.turn, until)
            assert message.body not in self.deleted
        return multiple(*((queue, message) for message in received))

    def held(self, queue: str, message: QueueMessage) -> Lying | None:
        """The message, if the handle still holds."""
        found = [
            one
            for one in self.lying
            if one.name == message.body and one.turn == message.turn and one.visible_at > self.now
        ]
        return found[0] if found else None

    @rule(handle=handles)
    def delete(self, handle: tuple[str, QueueMessage]) -> None:
        queue, message = handle
        one = self.held(queue, message)
        done = self.write(lambda tx: tx.queues.delete(queue, message.id, message.turn, now=self.now))
        assert done is (one is not None)
        if one is not None:
            self.lying.remove(one)
            self.deleted.add(one.name)

    @rule(target=handles, handle=handles, hidden=st.integers(0, 30))
    def hide(self, handle: tuple[str, QueueMessage], hidden: int) -> Any:
        queue, message = handle
        one = self.held(queue, message)
        turn = self.write(
            lambda tx: tx.queues.hide(queue, message.id, message.turn, now=self.now, until=self.now + hidden)
        )
        if one is None:
            assert turn is None
            return multiple()
        one.visible_at, one.turn = self.now + hidden, one.turn + 1
        assert turn == one.turn
        return queue, msgspec.structs.replace(message, turn=turn)

    @rule(seconds=st.integers(1, 25))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(limit=st.integers(1, 5))
    def forget(self, limit: int) -> None:
        gone = [one for one in self.lying if one.enqueued_at <= self.expired]
        removed = self.write(lambda tx: tx.queues.forget(self.expired, limit))
        assert removed == min(limit, len(gone))
        for one in sorted(gone, key=lambda one: (one.enqueued_at, int(one.name)))[:removed]:
            self.lying.remove(one)

    @rule()
    def restart(self) -> None:
        self.run(self.store.close())
        self.store = self.database.open(durable=False, inline=True)

    @invariant()
    def each_queue_has_its_messages_and_no_others(self) -> None:
        if not hasattr(self, "store"):
            return
        for queue in ("Alicom-Queue-1-ChatAppStatus", "Alicom-Queue-1-ChatAppInbound"):
            seen = self.run(self.store.queues.peek(queue, 1000, now=self.now, expired=self.expired))
            assert [message.body for message in seen] == [one.name for one in self.visible(queue)]
            alive = self.alive(queue)
            counts = self.run(self.store.queues.counts(queue, now=self.now, expired=self.expired))
            assert counts == (len(seen), len(alive) - len(seen))
            due = self.run(self.store.queues.due(queue, expired=self.expired))
            assert due == min((one.visible_at for one in alive), default=None)


QueueMachine.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestQueues = QueueMachine.TestCase
