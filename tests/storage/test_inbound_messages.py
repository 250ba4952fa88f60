"""Inbound messages of a sender, read a page at a time."""

from typing import Any

import msgspec
import pytest

from tests.storage.databases import NOW, Database, write
from waypost.model.identifiers import AccountId, SpaceId
from waypost.storage.changes import AddInbound
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import InboundMessage


def written(**changes: Any) -> InboundMessage:
    usual = InboundMessage(
        account_id=AccountId("1"),
        space_id=SpaceId("cams-1"),
        channel="whatsapp",
        sender="15550100001",
        user="380501112233",
        at=NOW,
        provider_id="wamid.1",
        type="TEXT",
        text="héllo 你好",
    )
    return msgspec.structs.replace(usual, **changes)


async def add(store: Store, *messages: InboundMessage) -> None:
    await write(store, *(AddInbound(message, None) for message in messages))


async def page(store: Store, **changes: Any) -> list[InboundMessage]:
    filters = {
        "account_id": "1",
        "space_id": "cams-1",
        "channel": "whatsapp",
        "sender": "15550100001",
        "user": "",
        "since": 0,
        "until": 2 * NOW,
        "skip": 0,
        "limit": 100,
    }
    return await store.inbound_messages.page(**filters | changes)  # type: ignore[arg-type]


async def test_a_message_comes_back_as_it_was_written(database: Database) -> None:
    store = database.open()
    await add(store, written())
    assert await page(store) == [written()]
    await store.close()
    reopened = database.open()
    assert await page(reopened) == [written()]
    await reopened.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": "2"},
        {"space_id": "cams-2"},
        {"channel": "telegram"},
        {"sender": "15550100002"},
        {"user": "380501119999"},
        {"until": NOW - 1},
        {"since": NOW + 1},
        {"skip": 1},
        {"limit": 0},
    ],
)
async def test_it_is_not_on_another_page(store: Store, changes: dict[str, Any]) -> None:
    await add(store, written())
    assert await page(store, **changes) == []


@pytest.mark.parametrize("user", ["", "380501112233"])
@pytest.mark.parametrize(("since", "until"), [(NOW, NOW), (0, NOW), (NOW, 2 * NOW)])
async def test_it_is_on_its_own(store: Store, user: str, since: int, until: int) -> None:
    await add(store, written())
    assert await page(store, user=user, since=since, until=until) == [written()]


async def test_messages_come_by_their_time_and_then_as_they_were_written(store: Store) -> None:
    await add(store, *(written(text=text, at=NOW + after) for text, after in (("c", 5), ("a", 1), ("d", 5))))
    await add(store, written(text="b", at=NOW + 1))
    assert [message.text for message in await page(store)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
async def test_all_pages_are_the_whole_list_once(store: Store, size: int) -> None:
    await add(store, *(written(text=str(place), at=NOW + place // 3) for place in range(7)))
    pages = [await page(store, skip=skip, limit=size) for skip in range(0, 8, size)]
    assert [message.text for one in pages for message in one] == [str(place) for place in range(7)]
    assert all(len(one) <= size for one in pages)


async def test_two_messages_may_be_the_same(store: Store) -> None:
    await add(store, written(), written())
    assert await page(store) == [written(), written()]


async def test_what_was_written_in_a_change_that_failed_is_not_there(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        tx.write(AddInbound(written(), None))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.transact(fails)
    assert await page(store) == []


async def test_a_cleared_store_has_none(store: Store) -> None:
    await add(store, written())
    await store.clear()
    assert await page(store) == []
