"""SQLite alone: the schema of the file and its migrations, and the index that each statement uses."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.storage.databases import NOW
from waypost.storage import migrations
from waypost.storage.contract import StoreUnavailableError
from waypost.storage.migrations import HEAD, UnusableDatabaseError, alembic_configuration, bring_up_to_date
from waypost.storage.schema import metadata
from waypost.storage.sqlite import SqliteStore, batch, claims, guards, loads
from waypost.storage.statements import Statements


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "waypost.db"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    bring_up_to_date(path)
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def test_the_migrated_database_matches_the_schema(path: Path) -> None:
    bring_up_to_date(path)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_indexes_match_the_schema(connection: sqlite3.Connection) -> None:
    # A comparison by Alembic does not look at the condition of a partial index, nor at WITHOUT ROWID.
    def definitions(of: sqlite3.Connection) -> set[str]:
        rows = of.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
        return {" ".join(row[0].replace("attempt.", "").split()) for row in rows}

    fresh = sa.create_engine("sqlite://")
    with fresh.connect() as made:
        metadata.create_all(made)
        assert made.connection.driver_connection is not None
        assert definitions(connection) == definitions(made.connection.driver_connection)
    fresh.dispose()


def test_head_is_the_latest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_file_of_a_newer_waypost_is_refused_and_left_alone(path: Path) -> None:
    bring_up_to_date(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnusableDatabaseError, match="newer"):
        SqliteStore(path)
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_what_is_not_a_database_is_refused(path: Path) -> None:
    path.write_text("This is a letter, and a long one at that. " * 50, encoding="utf-8")
    with pytest.raises(UnusableDatabaseError, match="not a database"):
        SqliteStore(path)
    assert path.read_text(encoding="utf-8").startswith("This is a letter")


def test_a_migration_that_is_cut_short_leaves_nothing_behind(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_the_tenth(*_: object) -> None:
        statements.append("")
        if len(statements) == 10:
            raise KeyboardInterrupt

    command.upgrade(alembic_configuration(path), "0001")
    statements: list[str] = []
    sa.event.listen(sa.Engine, "before_cursor_execute", refuse_the_tenth)
    try:
        with pytest.raises(KeyboardInterrupt):
            bring_up_to_date(path)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", refuse_the_tenth)
    bring_up_to_date(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]


async def test_a_change_that_cannot_be_made_durable_was_not_made(path: Path) -> None:
    store = SqliteStore(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as full:
        [[pages]] = full.execute("PRAGMA page_count").fetchall()
    writing = store._transactions._connection
    writing.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailableError):
        await store.transact(lambda tx: tx.set_fact("a", "x" * 1_000_000))
    writing.execute("PRAGMA max_page_count = 1000000")
    assert await store.fact("a") is None
    await store.transact(lambda tx: tx.set_fact("a", "now there is room"))
    assert await store.fact("a") == "now there is room"
    await store.close()


async def test_a_commit_is_flushed_to_the_disk(path: Path) -> None:
    store = SqliteStore(path)
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 2)):
        written = store._transactions._connection.execute(f"PRAGMA {pragma}").fetchone()
        assert written == (value,)
    await store.close()


_SQL = Statements()
_SMALL = {"w", "json_each", "lanes", "(subquery-4)", "CONSTANT", "counted", "template_count_delta"}
_ROWS = "[[0, 1, 2, 3, 4, 5]]"
_QUEUE = {"of_queue": "q", "now": NOW, "expired": 1}


@pytest.mark.parametrize(
    ("sql", "parameters", "index"),
    [
        (claims._CLAIMABLE, ('["l"]', "dispatch", NOW, NOW, "[1]", 9), "journal_lane"),
        (claims._CLAIM, (1, NOW, "[1]"), "INTEGER PRIMARY KEY"),
        (claims._LANES, ("dispatch", NOW), "journal_lane"),
        (claims._NEXT_DUE, ("dispatch", NOW, '["l"]'), "journal_lane"),
        (_SQL.timers, {"message_id": "m"}, "journal_timer"),
        (batch._SQL["dropped_timers"], ("m",), "journal_timer"),
        (batch._SQL["finished"], (1,), "INTEGER PRIMARY KEY"),
        (batch._SQL["finished_pushes"], (1, "m", "u"), "callback_by_message"),
        (batch._SQL["freed_pushes"], (1,), "INTEGER PRIMARY KEY"),
        (batch._SQL["postponed"], (NOW, 1, 1), "INTEGER PRIMARY KEY"),
        (batch._SQL["ended_callbacks"], ("dead", 1, "", None, "u", 1), "INTEGER PRIMARY KEY"),
        (guards._HELD, (_ROWS,), "INTEGER PRIMARY KEY"),
        (guards._UNCHANGED, (_ROWS,), "PRIMARY KEY"),
        (guards._RECORDED, (_ROWS,), "PRIMARY KEY"),
        (guards._LISTED, (_ROWS,), "PRIMARY KEY"),
        (guards._LISTED_OR_ERASED, (_ROWS,), "PRIMARY KEY"),
        (guards._WITH_ERASED, (_ROWS,), "PRIMARY KEY"),
        (guards._COUNTED, (_ROWS,), "PRIMARY KEY"),
        (guards._OPEN, (_ROWS,), "PRIMARY KEY"),
        (batch._SQL["old_sms_counts"], (7,), "sms_count_by_hour"),
        (loads._MESSAGES, (_ROWS,), "PRIMARY KEY"),
        (loads._LEGS, (_ROWS,), "PRIMARY KEY"),
        (loads._ATTEMPTS, (_ROWS,), "PRIMARY KEY"),
        (loads._BY_PROVIDER_ID, (_ROWS,), "attempt_by_provider_id"),
        (loads._UNANSWERED, (_ROWS,), "attempt_unanswered"),
        (loads._BEHIND, (_ROWS,), "attempt_by_provider_id"),
        (loads._WAITING_OF_MESSAGES, (_ROWS,), "callback_by_message"),
        (loads._WAITING_BY_ID, (_ROWS,), "INTEGER PRIMARY KEY"),
        (_SQL.attempt_by_number, {"number": 7}, "attempt_by_number"),
        (_SQL.attempts, {"shard": 0, "message_id": "m"}, "PRIMARY KEY"),
        (_SQL.legs, {"shard": 0, "message_id": "m"}, "PRIMARY KEY"),
        (_SQL.message, {"shard": 0, "message_id": "m"}, "PRIMARY KEY"),
        (
            _SQL.template_counts,
            {"account_id": "1", "first": "t", "last": "t", "since": 0, "until": 9},
            "PRIMARY KEY",
        ),
        (_SQL.events, {"message_id": "m"}, "event_by_message"),
        (_SQL.callbacks_of_message, {"message_id": "m", "after": 0, "limit": 9}, "callback_by_message"),
        (_SQL.nonce_used, {"access_key_id": "k", "digest": b"d", "slice": 3}, "PRIMARY KEY"),
        (_SQL.forget_nonces, {"before": 3, "limit": 9}, "PRIMARY KEY"),
        (_SQL.configuration.body, {"kind": "user", "id": "1"}, "PRIMARY KEY"),
        (_SQL.configuration.changed_since, {"version": 3}, "configuration_by_version"),
        (_SQL.configuration.latest, {"account_id": "1", "kind": "user"}, "configuration_by_account"),
        (_SQL.configuration.latest_by_id, {"kind": "user", "first": "1", "past": "2"}, "PRIMARY KEY"),
        (_SQL.configuration.keys_of_origin, {"origin": "file"}, "configuration_by_origin"),
        (_SQL.configuration.forget_removed, {"version": 3, "limit": 9}, "configuration_by_origin"),
        (_SQL.queue.visible, _QUEUE | {"limit": 9}, "queue_message_due"),
        (_SQL.queue.due, _QUEUE, "queue_message_due"),
        (_SQL.queue.receive, {"of_id": 1, "until": NOW, "now": NOW}, "INTEGER PRIMARY KEY"),
        (_SQL.queue.hide, _QUEUE | {"of_id": 1, "of_turn": 1, "until": NOW}, "INTEGER PRIMARY KEY"),
        (_SQL.queue.delete, _QUEUE | {"of_id": 1, "of_turn": 1}, "INTEGER PRIMARY KEY"),
        (_SQL.queue.forget, {"expired": 1, "limit": 9}, "queue_message_by_age"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_statement_of_the_daily_work_reads_by_an_index_and_sorts_nothing(
    connection: sqlite3.Connection, sql: str, parameters: dict[str, object] | tuple[object, ...], index: str
) -> None:
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    assert any(index in step for step in plan), plan
    scanned = [step for step in plan if step.startswith("SCAN")]
    # What is scanned is what was asked for, or what a part of the statement has found.
    assert all(step.split()[1] in _SMALL for step in scanned), plan
    # Those that read rows of many messages or lanes sort what they read, which is a batch at most.
    if "json_each" not in sql and sql not in (_SQL.attempt_by_number, _SQL.template_counts):
        assert not any("TEMP B-TREE" in step for step in plan), plan
