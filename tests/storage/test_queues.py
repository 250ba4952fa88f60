"""The queues: received is hidden, deleted is gone, and a handle holds for its turn alone."""

import pytest

from tests.storage.databases import NOW
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import QueueMessage

Q, OTHER = "Alicom-Queue-1-ChatAppStatus", "Alicom-Queue-2-ChatAppStatus"
NEVER = 0


async def put(store: Store, *bodies: str, queue: str = Q, at: int = NOW) -> None:
    def change(tx: Transaction) -> None:
        for body in bodies:
            tx.queues.add(queue, body, at)

    await store.transact(change)


async def receive(
    store: Store, limit: int = 16, *, now: int = NOW, hidden: int = 30, expired: int = NEVER, queue: str = Q
) -> list[QueueMessage]:
    return await store.transact(
        lambda tx: tx.queues.receive(queue, limit, now=now, until=now + hidden, expired=expired)
    )


async def delete(store: Store, message: QueueMessage, *, now: int = NOW, queue: str = Q) -> bool:
    return await store.transact(lambda tx: tx.queues.delete(queue, message.id, message.turn, now=now))


async def hide(store: Store, message: QueueMessage, until: int, *, now: int = NOW) -> int | None:
    return await store.transact(lambda tx: tx.queues.hide(Q, message.id, message.turn, now=now, until=until))


async def test_a_message_comes_back_as_it_was_written(store: Store) -> None:
    await put(store, '{"Text":"héllo 你好"}')
    [message] = await receive(store)
    assert (message.queue, message.body) == (Q, '{"Text":"héllo 你好"}')
    assert (message.enqueued_at, message.visible_at) == (NOW, NOW + 30)
    assert (message.received, message.first_received_at, message.turn) == (1, NOW, 1)


async def test_the_oldest_messages_are_received_first_up_to_the_limit(store: Store) -> None:
    await put(store, "b", "c", at=NOW)
    await put(store, "a", at=NOW - 1)
    assert [message.body for message in await receive(store, 2)] == ["a", "b"]
    assert [message.body for message in await receive(store, 2)] == ["c"]


async def test_a_received_message_is_hidden_until_its_time(store: Store) -> None:
    await put(store, "a")
    await receive(store)
    assert await receive(store, now=NOW + 29) == []
    [again] = await receive(store, now=NOW + 30)
    assert (again.received, again.first_received_at, again.turn) == (2, NOW, 2)


async def test_a_message_that_lies_in_the_future_is_not_there_yet(store: Store) -> None:
    await put(store, "a", at=NOW + 1)
    assert await receive(store) == []
    assert await store.queues.due(Q, expired=NEVER) == NOW + 1


async def test_a_deleted_message_does_not_come_back(store: Store) -> None:
    await put(store, "a")
    [message] = await receive(store)
    assert await delete(store, message)
    assert not await delete(store, message)
    assert await receive(store, now=NOW + 100) == []
    assert await store.queues.due(Q, expired=NEVER) is None


async def test_a_handle_is_over_once_its_message_is_visible_or_received_again(store: Store) -> None:
    await put(store, "a")
    [first] = await receive(store)
    assert not await delete(store, first, now=NOW + 30)
    [second] = await receive(store, now=NOW + 30)
    assert not await delete(store, first, now=NOW + 31)
    assert await hide(store, first, NOW + 90, now=NOW + 31) is None
    assert await delete(store, second, now=NOW + 31)


async def test_hiding_gives_a_new_turn(store: Store) -> None:
    await put(store, "a")
    [message] = await receive(store)
    turn = await hide(store, message, NOW + 90)
    assert turn == message.turn + 1
    assert not await delete(store, message)
    assert await receive(store, now=NOW + 89) == []
    assert await store.transact(lambda tx: tx.queues.delete(Q, message.id, turn, now=NOW + 89))


async def test_the_id_of_a_deleted_message_is_not_reused(store: Store) -> None:
    await put(store, "a")
    [message] = await receive(store)
    await delete(store, message)
    await put(store, "b")
    [other] = await receive(store)
    assert other.id != message.id
    assert not await delete(store, message)


async def test_queues_are_apart(store: Store) -> None:
    await put(store, "a")
    assert await receive(store, queue=OTHER) == []
    [message] = await receive(store)
    assert not await delete(store, message, queue=OTHER)
    assert await store.queues.due(OTHER, expired=NEVER) is None


async def test_what_is_expired_is_not_there(store: Store) -> None:
    await put(store, "old", at=NOW - 1)
    await put(store, "new")
    assert [message.body for message in await receive(store, expired=NOW - 1)] == ["new"]
    assert await store.queues.counts(Q, now=NOW, expired=NOW - 1) == (0, 1)
    assert await store.queues.due(Q, expired=NOW - 1) == NOW + 30


async def test_what_is_expired_is_removed_a_few_at_a_time(store: Store) -> None:
    await put(store, "a", "b", "c", at=NOW - 1)
    await put(store, "d")
    assert [await store.transact(lambda tx: tx.queues.forget(NOW - 1, 2)) for _ in range(3)] == [2, 1, 0]
    assert [message.body for message in await receive(store)] == ["d"]


async def test_a_look_changes_nothing(store: Store) -> None:
    await put(store, "a", "b")
    seen = await store.queues.peek(Q, 1, now=NOW, expired=NEVER)
    assert [(message.body, message.received, message.turn) for message in seen] == [("a", 0, 0)]
    assert [message.body for message in await receive(store)] == ["a", "b"]
    assert await store.queues.peek(Q, 9, now=NOW, expired=NEVER) == []


async def test_visible_and_hidden_are_counted(store: Store) -> None:
    await put(store, "a", "b", "c")
    await receive(store, 1)
    assert await store.queues.counts(Q, now=NOW, expired=NEVER) == (2, 1)
    assert await store.queues.counts(Q, now=NOW + 30, expired=NEVER) == (3, 0)


async def test_listeners_are_notified_after_the_commit_and_only_then(store: Store) -> None:
    heard: list[set[str]] = []
    store.queues.listen(lambda queues: heard.append(set(queues)))

    def fails(tx: Transaction) -> None:
        tx.queues.add(Q, "never", NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.transact(fails)
    assert heard == []
    await put(store, "a", "b")
    await put(store, "c", queue=OTHER)
    assert heard == [{Q}, {OTHER}]


async def test_a_cleared_store_has_empty_queues(store: Store) -> None:
    await put(store, "a")
    await store.clear()
    assert await receive(store) == []
