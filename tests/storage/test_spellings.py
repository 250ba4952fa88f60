"""People whose number has two spellings: rows of before are found, and what a provider teaches is kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from tests.storage.databases import NOW, Sqlite, write
from tests.storage.test_migrations import CONFIG
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.suppression import ANY, OptOutReason, Suppression
from waypost.storage.changes import (
    AddInbound,
    PutSpelling,
    Refusal,
    RequireUnsuppressed,
    Suppress,
    Unsuppress,
)
from waypost.storage.contract import Store
from waypost.storage.records import InboundMessage

ACCOUNT = AccountId("1")
DIALLED, WRITTEN = "525512345678", "5215512345678"


def suppression(recipient: str, channel: str = "whatsapp", sender: str = "1555") -> Suppression:
    return Suppression(
        account_id=ACCOUNT,
        channel=channel,
        sender=sender,
        recipient=recipient,
        reason=OptOutReason.STOP_WORD,
        detail="STOP",
        at=NOW,
    )


async def is_refused(store: Store, recipient: str) -> bool:
    found = await store.suppressions.among(ACCOUNT, "whatsapp", "1555", [recipient])
    refusal = await write(store, RequireUnsuppressed(ACCOUNT, "whatsapp", "1555", recipient))
    assert (refusal is Refusal.SUPPRESSED) == (recipient in found)
    return recipient in found


@pytest.mark.parametrize("listed", [DIALLED, WRITTEN])
async def test_an_opt_out_holds_for_both_spellings_and_is_taken_back_by_either(
    store: Store, listed: str
) -> None:
    await write(store, Suppress(suppression(listed)))
    assert [await is_refused(store, each) for each in (DIALLED, WRITTEN, "525512345679")] == [
        True,
        True,
        False,
    ]
    for filtered in (DIALLED, WRITTEN):
        page = await store.suppressions.page(
            ACCOUNT, channel="whatsapp", sender="", recipient=filtered, skip=0, limit=9
        )
        assert [entry.recipient for entry in page] == [DIALLED]
    other = WRITTEN if listed == DIALLED else DIALLED
    await write(store, Unsuppress(suppression(other)))
    assert not await is_refused(store, DIALLED)


@pytest.mark.parametrize("listed", [DIALLED, WRITTEN])
async def test_an_entry_made_by_call_for_all_channels_holds_for_both(store: Store, listed: str) -> None:
    entry = suppression(listed, channel=ANY, sender=ANY)
    assert await store.transact(lambda tx: tx.suppressions.add(entry))
    assert await is_refused(store, DIALLED)
    assert await is_refused(store, WRITTEN)
    assert await store.transact(lambda tx: tx.suppressions.remove(ACCOUNT, ANY, ANY, DIALLED))
    assert not await is_refused(store, WRITTEN)


async def test_the_window_is_open_for_both_spellings_and_either_finds_the_message(store: Store) -> None:
    written = inbound(WRITTEN)
    await write(store, AddInbound(written, NOW))
    assert await store.conversations.last_inbound("whatsapp", "1555", DIALLED) == NOW
    assert await store.conversations.last_inbound("whatsapp", "1555", WRITTEN) == NOW
    for number in (DIALLED, WRITTEN, ""):
        found = await store.inbound_messages.page(
            ACCOUNT, SpaceId("s"), "whatsapp", "1555", user=number, since=0, until=NOW, skip=0, limit=9
        )
        assert found == [written]


def inbound(user: str) -> InboundMessage:
    return InboundMessage(
        account_id=ACCOUNT,
        space_id=SpaceId("s"),
        channel="whatsapp",
        sender="1555",
        user=user,
        at=NOW,
        provider_id="w1",
        type="TEXT",
        text="hola",
    )


async def test_the_spelling_of_the_provider_is_kept_until_it_changes(store: Store) -> None:
    assert await store.conversations.spelling("whatsapp", DIALLED) is None
    await write(store, PutSpelling("whatsapp", WRITTEN))
    assert await store.conversations.spelling("whatsapp", DIALLED) == WRITTEN
    assert await store.conversations.spelling("viber", DIALLED) is None
    await write(store, PutSpelling("whatsapp", DIALLED))
    assert await store.conversations.spelling("whatsapp", WRITTEN) == DIALLED


async def test_rows_of_an_older_database_are_found_by_either_spelling(tmp_path: Path) -> None:
    made = Sqlite(tmp_path)
    CONFIG.attributes["url"] = f"sqlite:///{made.path}"
    command.upgrade(CONFIG, "0010")
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.executemany(
            "INSERT INTO conversation VALUES (?, ?, ?, ?)",
            [
                ("whatsapp", "1555", WRITTEN, NOW),
                ("whatsapp", "1555", DIALLED, NOW - 5),
                ("whatsapp", "1555", "551187654321", NOW),
                ("messenger", "1555", WRITTEN, NOW),
            ],
        )
        connection.executemany(
            "INSERT INTO suppression VALUES ('1', ?, ?, '1555', 'stop_word', 'STOP', ?)",
            [
                (WRITTEN, "whatsapp", NOW),
                (WRITTEN, "viber", NOW),
                (DIALLED, "viber", NOW),
                ("5215", "line", NOW),
            ],
        )
    store = made.open()
    assert await store.conversations.last_inbound("whatsapp", "1555", DIALLED) == NOW
    assert await store.conversations.last_inbound("whatsapp", "1555", "5511987654321") == NOW
    assert await store.conversations.last_inbound("messenger", "1555", WRITTEN) == NOW
    assert await store.conversations.spelling("whatsapp", DIALLED) == WRITTEN
    assert await is_refused(store, DIALLED)
    assert await is_refused(store, WRITTEN)
    listed = await store.suppressions.page(ACCOUNT, channel="", sender="", recipient="", skip=0, limit=9)
    assert sorted((entry.channel, entry.recipient) for entry in listed) == [
        ("line", "5215"),
        ("viber", DIALLED),
        ("whatsapp", DIALLED),
    ]
    await store.close()
