"""Webhooks with items that were not understood are kept, within bounds."""

from typing import Any

import msgspec
import pytest

from tests.storage.databases import NOW, Database
from waypost.storage import rejected_webhooks
from waypost.storage.contract import Store, Transaction
from waypost.storage.rejected_webhooks import RejectedPart, RejectedWebhook


def webhook(**changes: Any) -> RejectedWebhook:
    usual = RejectedWebhook(
        route="whatsapp-main",
        at=NOW,
        method="POST",
        query="a=1",
        content_type="application/json",
        body=b'{"x":"\xff"}',
        items=[RejectedPart("entry[0]", "no type"), RejectedPart("", "no id")],
    )
    return msgspec.structs.replace(usual, **changes)


async def keep(store: Store, *webhooks: RejectedWebhook) -> None:
    def change(transaction: Transaction) -> None:
        for each in webhooks:
            transaction.rejected_webhooks.add(each)

    await store.transact(change)


async def routes(store: Store) -> list[str]:
    return [each.route for each in await store.rejected_webhooks.page()]


async def test_a_webhook_comes_back_as_it_was_kept(database: Database) -> None:
    store = database.open()
    await keep(store, webhook(), webhook(route="second"))
    await store.close()
    store = database.open()
    first, second = await store.rejected_webhooks.page()
    assert first == webhook(id=first.id)
    assert await store.rejected_webhooks.find(second.id) == second
    assert await store.rejected_webhooks.page(after=first.id) == [second]
    assert await store.rejected_webhooks.page(limit=1) == [first]
    assert await store.rejected_webhooks.find(99) is None
    await store.close()


async def test_a_removed_webhook_is_gone_and_its_id_names_no_other(store: Store) -> None:
    await keep(store, webhook())
    [kept] = await store.rejected_webhooks.page()
    await store.transact(lambda transaction: transaction.rejected_webhooks.remove(kept.id))
    await keep(store, webhook(route="second"))
    [second] = await store.rejected_webhooks.page()
    assert second.id > kept.id


async def test_a_webhook_is_forgotten_when_its_time_is_over(store: Store) -> None:
    await keep(store, webhook(at=NOW), webhook(at=NOW + 1, route="later"))
    assert await store.transact(lambda transaction: transaction.rejected_webhooks.forget(NOW)) == 1
    assert await routes(store) == ["later"]


async def test_the_oldest_of_too_many_are_dropped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected_webhooks, "MAX_WEBHOOKS", 3)
    await keep(store, *(webhook(route=str(number)) for number in range(5)))
    assert await routes(store) == ["2", "3", "4"]


async def test_the_oldest_of_too_much_are_dropped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected_webhooks, "MAX_BYTES", 100)
    await keep(store, *(webhook(route=str(number), body=b"x" * 40) for number in range(5)))
    assert await routes(store) == ["3", "4"]
    await keep(store, webhook(route="long", body=b"x" * 500))
    assert await routes(store) == ["long"]
