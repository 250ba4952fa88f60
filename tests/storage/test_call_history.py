"""A call is found by its RequestId wherever it is on record."""

import msgspec

from tests.model.messages import fallback, message
from tests.storage.databases import FIRST, SECOND
from tests.storage.test_call_records import add, record
from waypost.messaging.call_history import find_call
from waypost.model.message.message import AcceptedCall
from waypost.storage.changes import AddMessage
from waypost.storage.contract import Store

CALL = AcceptedCall("R1", "key", "192.0.2.1", ("Lable",))
ACCEPTED = message(message_id=FIRST, call=CALL, content={"text": "hello"}, tag="a tag", fallback=fallback(60))


async def test_one_that_a_message_was_accepted_by_has_what_the_message_has(store: Store) -> None:
    await store.transact(lambda tx: tx.write(AddMessage(ACCEPTED)))
    call = await find_call(store, "R1")
    assert call is not None
    assert (call.operation, call.code, call.message_id, call.ms) == ("SendChatappMessage", "OK", FIRST, None)
    assert (call.at, call.access_key_id, call.peer, call.unknown) == (
        ACCEPTED.accepted_at,
        "key",
        "192.0.2.1",
        ("Lable",),
    )
    assert call.parameters["From"] == ACCEPTED.sender
    assert call.parameters["Tag"] == "5 characters"
    assert ACCEPTED.recipient not in str(call)
    assert "hello" not in str(call)


async def test_one_to_many_is_shown_by_its_group(store: Store) -> None:
    many = [message(message_id=id_, call=CALL, group_id="G") for id_ in (FIRST, SECOND)]
    await store.transact(lambda tx: tx.write(*map(AddMessage, many)))
    call = await find_call(store, "R1")
    assert call is not None
    assert (call.operation, call.message_id) == ("SendChatappMassMessage", "G")
    assert "To" not in call.parameters


async def test_one_that_was_written_after_its_answer_has_the_answer_and_the_message(store: Store) -> None:
    refused = record("R1", code="ServiceUnavailable")
    await store.transact(lambda tx: tx.write(AddMessage(ACCEPTED)))
    await add(store, refused)
    assert await find_call(store, "R1") == msgspec.structs.replace(refused, message_id=FIRST)


async def test_no_other_is_found(store: Store) -> None:
    await add(store, record("R1"))
    assert await find_call(store, "R1") == record("R1")
    assert await find_call(store, "R2") is None
    assert await find_call(store, "") is None
