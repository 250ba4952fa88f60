"""A database of each older revision is brought up to date when it is opened, with all that was in it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.model.messages import fallback, message
from tests.storage.databases import FIRST, NOW, SECOND, Sqlite, attempt, callback, claim, leg, listed, write
from tests.storage.stored_entries import apply
from waypost.model.configuration import Account
from waypost.model.entry_changes import RemoveEntry
from waypost.model.identifiers import AccountId, MessageId, MessageIds, SpaceId
from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.model.templates.metrics import TemplateCount
from waypost.storage import migrations
from waypost.storage.changes import AddInbound, AddMessage, ClaimInbound, Count, Publish, Refusal
from waypost.storage.client_tokens import UsedToken
from waypost.storage.contract import Store
from waypost.storage.migrations import HEAD, bring_up_to_date
from waypost.storage.records import CallbackState, Event, InboundMessage, QueueMessage, Stage
from waypost.storage.schema import metadata

Values = Mapping[str, object]

CONFIG = Config()
CONFIG.set_main_option("script_location", str(Path(migrations.__file__).parent))
REVISIONS = sorted(script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions())
OLDER = [revision for revision in REVISIONS if revision != HEAD]

ACCEPTED = message(message_id=FIRST, fallback=fallback(60), content={"text": "ü 你好"})
USED = UsedToken(account_id=AccountId("1"), action="Send", token="t", digest=b"\x00\xff", answer="{}", at=NOW)
COUNT = TemplateCount(
    account_id=AccountId("1"), template_code="t", language="en", start=0, sent=3, delivered=2, read=1
)
OPTED_OUT = Suppression(
    account_id=AccountId("1"),
    channel="viber",
    sender="20001",
    recipient="380501112233",
    reason=OptOutReason.STOP_WORD,
    detail="STOP",
    at=NOW,
)

# Revision to the tables that it made, each with a row as a Waypost of that time wrote it.
ROWS: dict[str, list[tuple[str, Values]]] = {
    "0001": [
        (
            "message",
            {
                "shard": 0,
                "message_id": FIRST,
                "account_id": "1",
                "body": msgspec.json.encode(ACCEPTED).decode(),
            },
        ),
        (
            "leg",
            {
                "shard": 0,
                "message_id": FIRST,
                "leg": 0,
                "channel": "viber",
                "sender": "20001",
                "recipient": "380501112233",
                "route": "r",
                "state": "queued",
                "why": "",
                "attempts": 0,
                "code": "",
                "text": "",
                "double_delivery": 0,
                "started_at": NOW,
                "updated_at": NOW,
            },
        ),
        (
            "attempt",
            {
                "shard": 0,
                "message_id": FIRST,
                "leg": 0,
                "attempt": 1,
                "number": 1,
                "route": "r",
                "sender": "20001",
                "recipient": "380501112233",
                "started_at": NOW + 1,
                "outcome": "under_way",
                "code": "",
                "text": "",
            },
        ),
        ("event", {"shard": 0, "message_id": FIRST, "leg": 0, "at": NOW, "kind": "note", "text": "well"}),
        (
            "callback",
            {
                "id": 5,
                "shard": 0,
                "message_id": FIRST,
                "account_id": "1",
                "kind": "ChatAppStatus",
                "url": "http://127.0.0.1:1/",
                "body": "{}",
                "state": "dead",
                "tries": 4,
                "error": "answered HTTP 500, not 200",
                "created_at": NOW,
                "ended_at": NOW + 9,
            },
        ),
        (
            "journal",
            {
                "seq": 7,
                "shard": 0,
                "stage": "dispatch",
                "message_id": FIRST,
                "visible_at": NOW,
                "body": '{"leg":1}',
                "tries": 2,
            },
        ),
        ("inbound", {"route": "r", "provider_id": "7", "at": NOW}),
        ("nonce", {"slice": 3, "access_key_id": "key", "digest": b"d" * 16}),
        (
            "configuration",
            {
                "kind": "account",
                "id": "1",
                "account_id": "1",
                "origin": "file",
                "body": msgspec.json.encode(Account(id=AccountId("1"), name="Acme")),
            },
        ),
        ("fact", {"name": "configuration_version", "value": "41"}),
    ],
    "0002": [("conversation", {"channel": "line", "sender": "1", "user": "U1", "last_inbound": NOW})],
    "0003": [
        (
            "suppression",
            {
                "account_id": "1",
                "recipient": "380501112233",
                "channel": "viber",
                "sender": "20001",
                "reason": "stop_word",
                "detail": "STOP",
                "at": NOW,
            },
        ),
        (
            "client_token",
            {
                "account_id": "1",
                "action": "Send",
                "token": "t",
                "digest": b"\x00\xff",
                "answer": "{}",
                "at": NOW,
            },
        ),
    ],
    "0004": [
        (
            "queue_message",
            {
                "id": 9,
                "queue": "q",
                "body": "{}",
                "enqueued_at": NOW,
                "visible_at": NOW,
                "received": 0,
                "turn": 0,
            },
        )
    ],
    "0005": [
        (
            "template_count",
            {
                "account_id": "1",
                "template_code": "t",
                "language": "en",
                "start": 0,
                "sent": 3,
                "delivered": 2,
                "read": 1,
            },
        )
    ],
    "0006": [],
    "0007": [],
    "0008": [],
    "0009": [("node", {"run": 5, "number": 7})],
    "0010": [],
    "0011": [("address", {"channel": "whatsapp", "person": "525512345678", "spelling": "5215512345678"})],
    "0012": [
        (
            "rejected_webhook",
            {
                "id": 3,
                "route": "r",
                "at": NOW,
                "method": "POST",
                "query": "",
                "content_type": "application/json",
                "body": b"{}",
                "items": '[{"place":"events[1]","error":"no type"}]',
            },
        )
    ],
    "0013": [
        (
            "call_record",
            {
                "request_id": "R",
                "at": NOW,
                "account_id": "1",
                "share": "1",
                "access_key_id": "key",
                "operation": "Send",
                "code": "MissingTo",
                "ms": 1,
                "message_id": "",
                "peer": "192.0.2.1",
                "parameters": "{}",
                "unknown": '["Lable"]',
                "string_to_sign": "",
                "signature": "",
            },
        )
    ],
    "0014": [
        (
            "audit",
            {
                "at": NOW,
                "origin": "file",
                "who": "file",
                "access_key_id": "",
                "peer": "",
                "request_id": "",
                "account_id": "1",
                "kind": "account",
                "entry_id": "1",
                "before": "{}",
                "after": '{"id":"1"}',
            },
        )
    ],
    "0015": [],
    "0016": [],
    "0017": [
        (
            "route_state",
            {
                "route": "r",
                "breaker": "open",
                "since": NOW,
                "reason": "unreachable",
                "failed": 7,
                "probes": 2,
                "probe_at": NOW + 9,
                "prober": 0,
                "paused_by": "ops",
                "paused_at": NOW,
                "version": 3,
            },
        ),
    ],
    "0018": [
        (
            "cancellation",
            {
                "id": 17,
                "account_id": "1",
                "space_id": "",
                "task_id": "spring",
                "group_id": "",
                "template_code": "",
                "before": FIRST,
                "who": "cli/root",
                "at": NOW,
                "cancelled": 3,
                "with_provider": 1,
            },
        )
    ],
    "0019": [],
}


def database_of(folder: Path, revision: str) -> Sqlite:
    """A database that a Waypost of that revision wrote one row of everything to."""
    made = Sqlite(folder)
    CONFIG.attributes["url"] = f"sqlite:///{made.path}"
    command.upgrade(CONFIG, revision)
    with closing(sqlite3.connect(made.path)) as connection, connection:
        for of, rows in ROWS.items():
            for table, row in rows if of <= revision else ():
                names = ", ".join(f'"{name}"' for name in row)
                places = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(row.values()))
        if revision >= "0016":
            # Until then only the body had it.
            connection.execute("UPDATE message SET space_id = ?", (ACCEPTED.space_id,))
    return made


def test_every_revision_is_here() -> None:
    assert list(ROWS) == REVISIONS


@pytest.mark.parametrize("revision", OLDER)
def test_the_schema_is_then_that_of_today(tmp_path: Path, revision: str) -> None:
    made = database_of(tmp_path, revision)
    bring_up_to_date(made.path)
    engine = sa.create_engine(f"sqlite:///{made.path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
    engine.dispose()


async def first_revision_is_kept(store: Store) -> None:
    dead = callback(FIRST)
    dead.id, dead.state, dead.tries = 5, CallbackState.DEAD, 4
    dead.error, dead.ended_at = "answered HTTP 500, not 200", NOW + 9
    assert await store.find_message(MessageId(FIRST)) == ACCEPTED
    assert await store.find_legs(MessageId(FIRST)) == [leg(FIRST)]
    assert await store.find_attempts(MessageId(FIRST)) == [attempt(FIRST)]
    assert await store.find_events(MessageId(FIRST)) == [Event(MessageId(FIRST), 0, NOW, "note", "well")]
    assert await store.list_callbacks() == [dead]
    [work] = await claim(store)
    assert (work.seq, work.stage, work.message_id) == (7, Stage.DISPATCH, FIRST)
    assert (work.visible_at, work.body, work.tries) == (NOW, '{"leg":1}', 2)
    assert await write(store, ClaimInbound("r", "7", NOW)) is Refusal.REPEATED
    assert store.nonce_used("key", b"d" * 16, [3])
    assert await store.configuration.entries() == [Account(id=AccountId("1"), name="Acme")]
    assert await store.configuration.keys_of_origin("file") == {("account", "1")}
    assert await store.configuration.version() == 41


async def later_revisions_are_kept(store: Store, revision: str) -> None:
    queued = QueueMessage(id=9, queue="q", body="{}", enqueued_at=NOW, visible_at=NOW)
    listed = await store.suppressions.page(
        AccountId("1"), channel="", sender="", recipient="", skip=0, limit=9
    )
    assert await store.conversations.last_inbound("line", "1", "U1") == (NOW if revision >= "0002" else None)
    assert listed == ([OPTED_OUT] if revision >= "0003" else [])
    assert await store.client_tokens.find(AccountId("1"), "Send", "t", 0) == (
        USED if revision >= "0003" else None
    )
    assert await store.queues.peek("q", 9, now=NOW, expired=0) == ([queued] if revision >= "0004" else [])
    assert await store.template_counts(AccountId("1"), None, 0, 1) == ([COUNT] if revision >= "0005" else [])
    recorded = await store.call_records.find("R")
    assert (recorded.unknown if recorded is not None else None) == (
        ("Lable",) if revision >= "0013" else None
    )
    audited = [row.after for row in await store.audit.page()]
    assert audited == ([{"id": "1"}] if revision >= "0014" else [])
    states = await store.route_states.all()
    assert [(state.version, state.paused_by) for state in states.values()] == (
        [(3, "ops")] if revision >= "0017" else []
    )


@pytest.mark.parametrize("revision", REVISIONS)
async def test_nothing_that_was_in_it_is_lost(tmp_path: Path, revision: str) -> None:
    store = database_of(tmp_path, revision).open()
    await first_revision_is_kept(store)
    await later_revisions_are_kept(store, revision)
    await store.close()


@pytest.mark.parametrize("revision", OLDER)
async def test_it_can_then_be_written_to_like_any_other(tmp_path: Path, revision: str) -> None:
    store = database_of(tmp_path, revision).open()
    written = InboundMessage(
        account_id=AccountId("1"),
        space_id=SpaceId("s"),
        channel="line",
        sender="1",
        user="U2",
        at=NOW,
        provider_id="8",
        type="TEXT",
        text="hi",
    )
    await store.transact(lambda tx: tx.write(AddMessage(message(message_id=SECOND))))
    await store.transact(lambda tx: tx.write(Publish(callback(FIRST))))
    await write(store, AddInbound(written, NOW))
    await store.transact(lambda tx: tx.queues.add("q2", "{}", NOW))
    await store.transact(lambda tx: tx.write(Count(COUNT)))
    assert [found.message_id for found in await listed(store, account_id=AccountId("1"))] == [
        SECOND,
        FIRST,
    ]
    assert [found.id for found in await store.list_callbacks()] == [5, 6]
    assert await store.conversations.last_inbound("line", "1", "U2") == NOW
    everything = {"user": "", "since": 0, "until": NOW, "skip": 0, "limit": 9}
    assert await store.inbound_messages.page("1", "s", "line", "1", **everything) == [written]  # type: ignore[arg-type]
    [queued] = await store.queues.peek("q2", 9, now=NOW, expired=0)
    assert queued.id == (10 if revision >= "0004" else 1)
    [counted] = await store.template_counts(AccountId("1"), "t", 0, 1)
    assert counted.sent == (6 if revision >= "0005" else 3)
    await store.close()


async def test_messages_of_before_are_found_by_what_their_bodies_have(tmp_path: Path) -> None:
    made = database_of(tmp_path, "0015")
    sent = message(tag="vip", task_id="7", template_code="welcome", group_id="2" * 25, space_id="cams-2")
    count = 10_050
    rows = [
        (
            0,
            message_id,
            "1",
            msgspec.json.encode(msgspec.structs.replace(sent, message_id=message_id)).decode(),
        )
        for message_id in map(MessageIds(1, seed=0).next, range(NOW + 1, NOW + count))
    ]
    damaged = MessageId("9" * 24 + "0")
    insert = "INSERT INTO message (shard, message_id, account_id, body) VALUES (?, ?, ?, ?)"
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.executemany(insert, [*rows, (0, damaged, "1", "{")])
    store = made.open()
    for name in ("space_id", "tag", "task_id", "template_code", "group_id"):
        assert len(await listed(store, **{name: getattr(sent, name)})) == count - 1
    [first] = await listed(store, recipients=("380501112233",), channel="viber")
    assert first.message_id == FIRST
    assert [found.message_id for found in await listed(store, space_id=ACCEPTED.space_id)] == [FIRST]
    with closing(sqlite3.connect(made.path)) as connection:
        empty = connection.execute("SELECT message_id FROM message WHERE space_id IS NULL").fetchall()
    assert empty == [(damaged,)]
    await store.close()


@pytest.mark.parametrize("revision", REVISIONS)
async def test_opening_it_again_changes_nothing(tmp_path: Path, revision: str) -> None:
    made = database_of(tmp_path, revision)
    for _ in range(2):
        store = made.open()
        await first_revision_is_kept(store)
        await store.close()


@pytest.mark.parametrize("revision", [revision for revision in OLDER if revision < "0008"])
async def test_entries_have_the_version_that_the_configuration_had(tmp_path: Path, revision: str) -> None:
    store = database_of(tmp_path, revision).open()
    update = await store.configuration.everything()
    assert (update.version, len(update.changed)) == (41, 1)
    assert not await store.configuration.changes_since(41)
    account = update.changed[0]
    assert await apply(store, RemoveEntry(account))
    assert (await store.configuration.changes_since(41)).removed == [("account", "1")]
    await store.close()


async def test_the_states_of_callbacks_get_the_words_of_today(tmp_path: Path) -> None:
    before = database_of(tmp_path, "0006")
    words = {"told": CallbackState.DELIVERED, "kept": CallbackState.STORED, "waiting": CallbackState.WAITING}
    with closing(sqlite3.connect(before.path)) as connection, connection:
        for place, word in enumerate(words, 10):
            connection.execute(
                "INSERT INTO callback SELECT ?, shard, message_id, account_id, kind, url, body, ?, tries,"
                " error, created_at, ended_at FROM callback WHERE id = 5",
                (place, word),
            )
    store = before.open()
    found = {callback.id: callback.state for callback in await store.list_callbacks()}
    assert found == {5: CallbackState.DEAD, **dict(enumerate(words.values(), 10))}
    await store.close()
