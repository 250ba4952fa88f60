"""A backup is whole, and what is restored from it sends nothing twice without a word."""

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from alembic import command

from tests.model.messages import fallback, message
from tests.storage.databases import FIRST, LANE, NOW, SECOND, THIRD, attempt, enqueue, leg, write
from waypost.model.identifiers import MessageId
from waypost.model.message.leg import AttemptOutcome, LegState
from waypost.model.message.waiting import Waiting
from waypost.model.message.work import TimerKind, TimerWork, encode
from waypost.storage.changes import AddMessage, Enqueue, PutAttempt, PutLeg
from waypost.storage.database_copy import CopyError, copy_database
from waypost.storage.migrations import alembic_configuration, bring_up_to_date
from waypost.storage.records import Stage
from waypost.storage.restoring import RestoreError, UndecidedError, restore_database
from waypost.storage.sqlite import SqliteStore
from waypost.storage.sqlite.connections import connect

LATER = NOW + 86_400_000


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


@pytest.fixture
def restored(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "waypost.db"


async def back_up_waiting(backup: Path) -> None:
    """A backup with a message to be sent, one whose request is under way, and one that may fall back."""
    path = backup.with_name("waypost.db")
    store = SqliteStore(path)
    states = {FIRST: LegState.QUEUED, SECOND: LegState.SUBMITTING, THIRD: LegState.SENT}
    for message_id, state in states.items():
        timers = [
            Enqueue(Stage.TIMER, "timer", MessageId(message_id), encode(TimerWork(kind, 0)), NOW + 60_000)
            for kind in TimerKind
        ]
        await write(
            store,
            AddMessage(message(message_id=message_id, fallback=fallback(60))),
            PutLeg(msgspec.structs.replace(leg(message_id), state=state)),
            *timers,
        )
    await write(store, PutAttempt(attempt(SECOND)))
    for message_id in (FIRST, SECOND):
        await enqueue(store, NOW, message_id=message_id, lane=LANE)
    copy_database(path, backup)
    await store.close()


async def test_whether_what_waits_was_sent_has_to_be_decided(backup: Path, restored: Path) -> None:
    await back_up_waiting(backup)
    with pytest.raises(
        UndecidedError, match=r"still to be sent .*: 2; .* fall back to another channel: 3"
    ) as error:
        restore_database(backup, restored, None, LATER)
    assert error.value.work == (2, 3, 0)
    assert list(restored.parent.iterdir()) == []


async def test_nothing_that_may_have_been_sent_is_sent_again(backup: Path, restored: Path) -> None:
    await back_up_waiting(backup)
    assert restore_database(backup, restored, Waiting.DROP, LATER) == (2, 3, 0)
    store = SqliteStore(restored)
    assert await store.backlog() == {
        Stage.DISPATCH: 0,
        Stage.RECEIPT: 0,
        Stage.TIMER: 3,
        Stage.CALLBACK: 0,
    }
    states = {}
    for message_id in map(MessageId, (FIRST, SECOND, THIRD)):
        found = await store.find_message(message_id)
        assert found is not None
        assert found.fallback is not None
        assert found.fallback.steps == (), "no other leg is started, whatever becomes of the first"
        [found_leg] = await store.find_legs(message_id)
        states[message_id] = found_leg.state
        [timer] = await store.find_timers(message_id)
        assert '"expiry"' in timer.body, "it ends all the same"
    assert list(states.values()) == [LegState.IN_DOUBT, LegState.IN_DOUBT, LegState.SENT]
    [under_way] = await store.find_attempts(MessageId(SECOND))
    assert (under_way.outcome, under_way.ended_at) == (AttemptOutcome.UNKNOWN, LATER)
    [event] = await store.find_events(MessageId(FIRST))
    assert "restored from a backup" in event.text
    await store.close()


async def test_a_step_of_the_fallback_that_has_begun_stays(backup: Path, restored: Path) -> None:
    path = backup.with_name("waypost.db")
    store = SqliteStore(path)
    two = msgspec.structs.replace(fallback(60), steps=fallback(60).steps * 2)
    begun = leg(FIRST, 1)
    begun.state = LegState.SENT
    await write(store, AddMessage(message(message_id=FIRST, fallback=two)), PutLeg(leg(FIRST)), PutLeg(begun))
    copy_database(path, backup)
    await store.close()
    restore_database(backup, restored, Waiting.DROP, LATER)
    store = SqliteStore(restored)
    found = await store.find_message(MessageId(FIRST))
    assert found is not None
    assert found.fallback is not None
    assert found.fallback.steps == fallback(60).steps
    await store.close()


async def test_after_a_move_all_work_goes_on(backup: Path, restored: Path) -> None:
    await back_up_waiting(backup)
    restore_database(backup, restored, Waiting.SEND, LATER)
    store = SqliteStore(restored)
    backlog = await store.backlog()
    assert (backlog[Stage.DISPATCH], backlog[Stage.TIMER]) == (2, 6)
    found = await store.find_message(MessageId(FIRST))
    assert found is not None
    assert found.fallback is not None
    await store.close()


def test_no_database_is_overwritten(backup: Path, restored: Path) -> None:
    restored.parent.mkdir()
    for name in ("waypost.db", "waypost.db-wal"):
        there = restored.with_name(name)
        there.write_bytes(b"precious")
        with pytest.raises(RestoreError, match=f"{name} exists"):
            restore_database(backup, restored, Waiting.DROP, NOW)
        assert there.read_bytes() == b"precious"
        there.unlink()


def test_what_is_no_backup_is_refused(backup: Path, restored: Path) -> None:
    with pytest.raises(RestoreError, match="there is no such file"):
        restore_database(backup, restored, None, NOW)
    backup.write_bytes(b"not a database" * 100)
    with pytest.raises(RestoreError, match="cannot be restored"):
        restore_database(backup, restored, None, NOW)
    backup.unlink()
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("CREATE TABLE another (program)")
    with pytest.raises(RestoreError, match="is no database of Waypost"):
        restore_database(backup, restored, None, NOW)
    assert list(restored.parent.iterdir()) == []


def test_a_backup_of_an_older_version_is_brought_up_to_date(backup: Path, restored: Path) -> None:
    command.upgrade(alembic_configuration(backup), "0010")
    restore_database(backup, restored, None, NOW)
    assert {found.name for found in restored.parent.iterdir()} == {"waypost.db"}
    assert stat.S_IMODE(restored.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0010",)


def test_a_copy_is_made_while_others_write_all_the_time(backup: Path) -> None:
    path = backup.with_name("waypost.db")
    bring_up_to_date(path)
    connect(path).close()
    stop, begun = threading.Event(), threading.Event()
    written = 0

    def write_on() -> None:
        nonlocal written
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            while not stop.is_set():
                row = (f"n{written}", "x" * 4000)
                connection.execute("INSERT INTO fact (name, value) VALUES (?, ?)", row)
                written += 1
                if written == 500:
                    begun.set()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        assert begun.wait(30)
        before = written
        copy_database(path, backup)
        after = written
    finally:
        stop.set()
        writer.join()
    with closing(sqlite3.connect(backup)) as connection:
        [copied] = connection.execute("SELECT count(*) FROM fact WHERE name LIKE 'n%'").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert before <= copied <= after
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_copy_that_fails_leaves_nothing_by_its_name(tmp_path: Path) -> None:
    broken = tmp_path / "waypost.db"
    broken.write_bytes(b"not a database" * 100)
    with pytest.raises(CopyError):
        copy_database(broken, tmp_path / "backup.db")
    assert {found.name for found in tmp_path.iterdir()} == {"waypost.db"}
