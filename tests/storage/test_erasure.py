"""A person is erased in every spelling, and everywhere; what they opted out of is still refused."""

from pathlib import Path

import msgspec
import pytest

from tests.model.messages import fallback, message
from tests.storage.databases import LANE, NOW, SECOND, THIRD, Database, enqueue, inbound_message, write
from tests.storage.stored_entries import AUTHOR
from tests.storage.test_rejected_webhooks import keep, webhook
from tests.storage.test_retention import add, ended_callback
from waypost.messaging.erasure import ErasureReport, erase_person
from waypost.messaging.key_rotation import drop_older_keys, rotate
from waypost.messaging.person_key import encrypt_person_key, use_person_key
from waypost.model.identifiers import NO_MESSAGE, AccountId
from waypost.model.message.leg import LegState
from waypost.model.message.suppression import ANY, OptOutReason, Suppression, is_erased
from waypost.storage.changes import (
    AddInbound,
    AddMessage,
    ClaimInbound,
    Publish,
    PutSpelling,
    Refusal,
    RequireUnsuppressed,
    Suppress,
    Unsuppress,
)
from waypost.storage.contract import Store
from waypost.storage.key_file import KeyFile
from waypost.storage.records import CallbackState, Stage
from waypost.storage.secrets import SecretBox, SecretsError
from waypost.storage.sqlite import SqliteStore

BOX = SecretBox(b"k" * 32)
# Mexico: one person, two spellings.
CANONICAL, OTHER = "525512345678", "5215512345678"
NEIGHBOUR = "525512345679"
OPTED_OUT = Suppression(
    account_id=AccountId("1"),
    channel="viber",
    sender="20001",
    recipient=CANONICAL,
    reason=OptOutReason.STOP_WORD,
    detail="STOP it, Ada",
    at=NOW,
)
PROMOTION = RequireUnsuppressed(AccountId("1"), "viber", "20001", OTHER)


async def erase(store: Store, named: str = f"+{OTHER}", account: str | None = None) -> ErasureReport:
    await use_person_key(store, BOX)
    return await erase_person(store, named, AccountId(account) if account is not None else None)


async def message_to(store: Store, message_id: str, recipient: str, account: str = "1") -> None:
    await write(
        store,
        AddMessage(message(message_id=message_id, recipient=recipient, account_id=AccountId(account))),
        Publish(ended_callback(message_id, f'{{"To":"{recipient}","Status":"Read"}}', NOW)),  # type: ignore[arg-type]
    )


async def test_every_spelling_of_the_person_and_nobody_else(store: Store) -> None:
    for message_id, number in ((SECOND, OTHER), (THIRD, NEIGHBOUR)):
        await message_to(store, message_id, number)
    report = await erase(store, "+52 (55) 1234-5678")
    assert (report.messages, report.callbacks, report.under_way) == (1, 1, 0)
    erased, kept = [await store.find_message(id_) for id_ in (SECOND, THIRD)]  # type: ignore[arg-type]
    assert erased is not None
    assert (erased.recipient, erased.redacted) == ("", True)
    assert kept is not None
    assert (kept.recipient, kept.redacted) == (NEIGHBOUR, False)
    assert await erase(store) == ErasureReport(), "nothing is left to be removed"


async def test_the_person_that_a_fallback_step_names(store: Store) -> None:
    steps = (msgspec.structs.replace(fallback().steps[0], recipient=OTHER),)
    stepped = msgspec.structs.replace(fallback(), steps=steps)
    await write(store, AddMessage(message(message_id=SECOND, recipient=NEIGHBOUR, fallback=stepped)))
    assert (await erase(store)).messages == 1


async def test_what_the_person_wrote_and_all_that_belongs_to_no_message(store: Store) -> None:
    body = f'{{"MessageId":"wamid.1","From":"{OTHER}","Message":"private"}}'
    await write(
        store,
        AddInbound(inbound_message(user=OTHER, text="private"), NOW),
        ClaimInbound("whatsapp-main", "wamid.1", NOW),
        PutSpelling("whatsapp", OTHER),
        Publish(ended_callback(NO_MESSAGE, body, NOW, "ChatAppInbound"), "Alicom-Queue-1-ChatAppInbound"),
    )
    await keep(store, webhook(body=f'{{"wa_id":"{OTHER}"}}'.encode()), webhook(), webhook(query=OTHER))
    report = await erase(store, CANONICAL)
    assert report == ErasureReport(
        callbacks=1,
        inbound_messages=1,
        conversations=1,
        spellings=1,
        queue_messages=1,
        rejected_webhooks=2,
    )
    assert await store.conversations.last_inbound("whatsapp", "15550100001", OTHER) is None
    assert await store.conversations.spelling("whatsapp", OTHER) is None
    [pushed] = await store.list_callbacks()
    assert "private" not in pushed.body
    assert len(await store.rejected_webhooks.page()) == 1
    assert await write(store, ClaimInbound("whatsapp-main", "wamid.1", NOW)) is None


async def test_only_what_one_account_has(store: Store) -> None:
    await message_to(store, SECOND, OTHER)
    await message_to(store, THIRD, OTHER, account="2")
    await write(store, AddInbound(inbound_message(user=OTHER), NOW))
    await keep(store, webhook(query=OTHER))
    report = await erase(store, account="2")
    assert report == ErasureReport(messages=1, callbacks=1)
    assert await store.conversations.last_inbound("whatsapp", "15550100001", OTHER) == NOW
    found = await store.find_message(SECOND)  # type: ignore[arg-type]
    assert found is not None
    assert not found.redacted


@pytest.mark.parametrize("stage", list(Stage))
async def test_a_message_under_way_is_left_as_it_is_and_counted(store: Store, stage: Stage) -> None:
    busy = await add(store, NOW)
    await enqueue(store, NOW, stage=stage, message_id=busy, lane=LANE)
    report = await erase(store, "380501112233")
    assert (report.messages, report.under_way) == (0, 1)
    found = await store.find_message(busy)
    assert found is not None
    assert found.recipient == "380501112233"


async def test_a_leg_that_has_not_ended_is_under_way(store: Store) -> None:
    await add(store, NOW, state=LegState.SENT)
    report = await erase(store, "380501112233")
    assert (report.messages, report.under_way) == (0, 1)


async def test_a_callback_that_waits_is_left_as_it_is(store: Store) -> None:
    waiting = ended_callback(NO_MESSAGE, f'{{"From":"{OTHER}"}}', NOW, "ChatAppInbound")
    waiting.state, waiting.url = CallbackState.WAITING, "http://127.0.0.1:1/"
    await write(store, Publish(waiting))
    report = await erase(store)
    assert (report.callbacks, report.under_way) == (0, 1)


async def test_an_opt_out_is_kept_as_a_hash_that_still_refuses(database: Database) -> None:
    store = database.open()
    await write(store, Suppress(OPTED_OUT))
    assert (await erase(store)).opt_outs == 1
    for _ in range(2):
        assert await write(store, PROMOTION) is Refusal.SUPPRESSED
        assert await store.suppressions.among(AccountId("1"), "viber", "20001", [OTHER, NEIGHBOUR]) == {OTHER}
        assert await store.transact(lambda tx: tx.suppressions.holds(AccountId("1"), "viber", "20001", OTHER))
        filters = {"channel": ANY, "sender": ANY, "skip": 0, "limit": 10}
        [listed] = await store.suppressions.page(AccountId("1"), recipient="", **filters)  # type: ignore[arg-type]
        assert is_erased(listed.recipient)
        assert (listed.reason, listed.detail, listed.at) == (OptOutReason.STOP_WORD, "", NOW)
        assert CANONICAL not in listed.recipient
        by_number = await store.suppressions.page(AccountId("1"), recipient=OTHER, **filters)  # type: ignore[arg-type]
        assert by_number == [listed]
        # The next time after a restart, where memory has the hash alone.
        await store.close()
        store = database.open()
        await use_person_key(store, BOX)
    await store.close()


async def test_a_service_that_ran_meanwhile_refuses_too(database: Database) -> None:
    running, command = database.open(), database.open()
    await use_person_key(running, BOX)
    await write(command, Suppress(OPTED_OUT))
    await erase(command)
    assert await write(running, PROMOTION) is Refusal.SUPPRESSED
    await running.close()
    await command.close()


async def test_an_opt_in_removes_the_hash(store: Store) -> None:
    await write(store, Suppress(OPTED_OUT))
    await erase(store)
    await write(store, Unsuppress(msgspec.structs.replace(OPTED_OUT, recipient=OTHER, at=NOW + 1)))
    assert await write(store, PROMOTION) is None


async def test_a_call_removes_the_hash(store: Store) -> None:
    await write(store, Suppress(OPTED_OUT))
    await erase(store)
    assert await store.transact(lambda tx: tx.suppressions.remove(AccountId("1"), "viber", "20001", OTHER))
    assert await write(store, PROMOTION) is None


async def test_nothing_of_it_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "waypost.db"
    store = SqliteStore(path)
    number = "380501112233"
    await add(store, NOW)
    await write(store, Suppress(msgspec.structs.replace(OPTED_OUT, recipient=number)))
    await write(store, AddInbound(inbound_message(user=number, text="private"), NOW))
    await erase(store, number)
    await store.close()
    content = path.read_bytes()
    assert number.encode() not in content
    assert b"private" not in content


async def test_another_key_file_is_refused_and_a_new_key_takes_over(store: Store) -> None:
    await use_person_key(store, BOX)
    with pytest.raises(SecretsError, match="opt-outs of people who were erased"):
        await use_person_key(store, SecretBox(b"x" * 32))
    key = store.suppressions.people.key
    await encrypt_person_key(store, SecretBox(b"n" * 32, b"k" * 32))
    await use_person_key(store, SecretBox(b"n" * 32))
    assert store.suppressions.people.key == key


async def test_a_rotation_of_the_key_file_takes_the_key_along(store: Store, tmp_path: Path) -> None:
    key_file = KeyFile.open(tmp_path / "secret.key")
    await use_person_key(store, SecretBox(*key_file.keys))
    key = store.suppressions.people.key
    await rotate(store, key_file, "command", AUTHOR)
    await drop_older_keys(store, key_file, "command", AUTHOR)
    await use_person_key(store, SecretBox(*key_file.keys))
    assert store.suppressions.people.key == key
