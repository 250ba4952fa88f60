"""Calls are on record as they were written, within bounds; an accepted one is found by its message."""

from typing import Any

import msgspec

from tests.model.messages import message
from tests.storage.databases import FIRST, NOW, SECOND, Database
from waypost.model.identifiers import AccountId
from waypost.model.message.message import AcceptedCall
from waypost.storage.call_records import UNAUTHENTICATED, CallFilter, CallRecord
from waypost.storage.changes import AddMessage
from waypost.storage.contract import Store

ONE, TWO = AccountId("1"), AccountId("2")


def record(request_id: str = "R1", **changes: Any) -> CallRecord:
    usual = CallRecord(
        request_id=request_id,
        at=NOW,
        account_id=ONE,
        is_authenticated=True,
        access_key_id="key",
        operation="SendChatappMessage",
        code="MissingTo",
        ms=3,
        message_id="",
        peer="192.0.2.1",
        parameters={"From": "20001", "Content": "7 characters"},
        unknown=("Lable", "ü"),
    )
    return msgspec.structs.replace(usual, **changes)


async def add(store: Store, *records: CallRecord) -> None:
    await store.transact(lambda tx: tx.call_records.add(records))


async def ids(store: Store, **filters: Any) -> list[str]:
    return [found.request_id for found in await store.call_records.page(CallFilter(**filters))]


async def test_a_call_comes_back_as_it_was_recorded(database: Database) -> None:
    store = database.open()
    refused = record(is_authenticated=False, string_to_sign="GET&%2F&a", signature="c2ln")
    accepted = record("R2", code="OK", message_id=FIRST)
    await add(store, refused, accepted)
    await store.close()
    store = database.open()
    assert await store.call_records.find("R1") == refused
    assert await store.call_records.find("R2") == accepted
    assert await store.call_records.find("R3") is None
    assert await store.call_records.page(CallFilter()) == [accepted, refused]
    await store.close()


async def test_each_filter_leaves_what_it_names_the_latest_first(store: Store) -> None:
    await add(
        store,
        record("R1"),
        record("R2", account_id=TWO),
        record("R3", operation="ListCalls", code="OK"),
        record("R4", at=NOW + 10),
    )
    assert await ids(store) == ["R4", "R3", "R2", "R1"]
    assert await ids(store, account_id=ONE) == ["R4", "R3", "R1"]
    assert await ids(store, operation="ListCalls") == ["R3"]
    assert await ids(store, code="MissingTo", account_id=ONE) == ["R4", "R1"]
    assert await ids(store, since=NOW + 10) == ["R4"]
    assert await ids(store, until=NOW + 10) == ["R3", "R2", "R1"]
    assert await ids(store, request_id="R2") == ["R2"]
    second = await store.call_records.page(CallFilter(account_id=ONE), skip=1, limit=1)
    assert [found.request_id for found in second] == ["R3"]


async def test_a_share_is_trimmed_by_itself_to_the_latest(store: Store) -> None:
    for number in range(5):
        await add(
            store,
            record(f"mine {number}"),
            record(f"theirs {number}", account_id=TWO),
            record(f"anybody's {number}", is_authenticated=False),
        )
    assert await store.transact(lambda tx: tx.call_records.trim(ONE, 2)) == 3
    assert await store.transact(lambda tx: tx.call_records.trim(UNAUTHENTICATED, 1)) == 4
    assert await ids(store, account_id=ONE) == ["anybody's 4", "mine 4", "mine 3"]
    assert len(await ids(store, account_id=TWO)) == 5


async def test_a_call_is_forgotten_when_its_time_is_over(store: Store) -> None:
    await add(store, record("R1"), record("R2", at=NOW + 1), record("R3", at=NOW + 2))
    assert await store.transact(lambda tx: tx.call_records.forget(NOW + 2, 1)) == 1
    assert await store.transact(lambda tx: tx.call_records.forget(NOW + 2, 10)) == 1
    assert await ids(store) == ["R3"]


async def test_an_accepted_call_is_found_by_its_messages(store: Store) -> None:
    call = AcceptedCall("R7", "key", "192.0.2.1", ("Lable",))
    written = [message(message_id=FIRST, call=call), message(message_id=SECOND, call=call)]
    await store.transact(lambda tx: tx.write(*map(AddMessage, reversed(written))))
    assert await store.messages_of_request("R7", 10) == written
    assert await store.messages_of_request("R7", 1) == written[:1]
    assert await store.messages_of_request("R8", 10) == []


async def test_a_message_of_before_there_was_a_record_belongs_to_no_call(store: Store) -> None:
    await store.transact(lambda tx: tx.write(AddMessage(message(message_id=FIRST))))
    assert await store.messages_of_request("", 10) == []
