"""Before a database is migrated a copy of it lies beside it, whole or not at all."""

import os
import resource
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command

from waypost.storage import migrations
from waypost.storage.migrations import HEAD, UnusableDatabaseError, alembic_configuration, bring_up_to_date
from waypost.storage.migrations.backup import backup_path

OLD = "0004"
COPY = f"waypost.db.before-{OLD}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of an older Waypost, in the mode in which the service leaves it."""
    path = tmp_path / "waypost.db"
    command.upgrade(alembic_configuration(path), OLD)
    write(path, "older")
    return path


def write(path: Path, value: str, size: int = 0) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        row = (value, " " * size)
        connection.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", row)


def facts(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM fact")}


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def files(path: Path) -> set[str]:
    return {found.name for found in path.parent.iterdir()}


@contextmanager
def killed_before_the_migration(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", die)
        with pytest.raises(KeyboardInterrupt):
            yield


def test_it_holds_what_the_database_held(path: Path) -> None:
    bring_up_to_date(path)
    copy = backup_path(path, OLD)
    assert (copy.name, revision(copy), facts(copy)) == (COPY, OLD, {"older"})
    assert (revision(path), facts(path)) == (HEAD, {"older"})


def test_it_is_one_file_that_only_its_owner_reads(path: Path) -> None:
    mask = os.umask(0)
    try:
        bring_up_to_date(path)
    finally:
        os.umask(mask)
    copy = backup_path(path, OLD)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    alone = path.parent / "elsewhere"
    alone.mkdir()
    assert facts(copy.rename(alone / "waypost.db")) == {"older"}
    assert files(path) == {"waypost.db", "elsewhere"}


def test_it_has_what_was_committed_and_not_yet_moved_from_the_log(path: Path) -> None:
    # An open connection keeps the log from being moved into the file when the last other one closes.
    with closing(sqlite3.connect(path)) as holding:
        holding.execute("SELECT * FROM fact").fetchall()
        write(path, "in the log")
        assert Path(f"{path}-wal").stat().st_size > 0
        bring_up_to_date(path)
    assert facts(backup_path(path, OLD)) == {"older", "in the log"}


def test_it_can_be_put_back(path: Path) -> None:
    bring_up_to_date(path)
    write(path, "newer")
    os.replace(backup_path(path, OLD), path)
    bring_up_to_date(path)
    assert (revision(path), facts(path)) == (HEAD, {"older"})


@pytest.mark.parametrize("known", [None, HEAD])
def test_there_is_none_where_nothing_is_migrated(tmp_path: Path, known: str | None) -> None:
    path = tmp_path / "waypost.db"
    if known is not None:
        command.upgrade(alembic_configuration(path), known)
    bring_up_to_date(path)
    assert files(path) == {"waypost.db"}


def test_there_is_none_of_a_newer_database(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnusableDatabaseError, match="newer"):
        bring_up_to_date(path)
    assert files(path) == {"waypost.db"}


def test_a_crash_between_copy_and_migration_leaves_both_as_they_were(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed_before_the_migration(monkeypatch):
        bring_up_to_date(path)
    assert (revision(path), revision(backup_path(path, OLD))) == (OLD, OLD)
    bring_up_to_date(path)
    assert (revision(path), revision(backup_path(path, OLD))) == (HEAD, OLD)
    assert files(path) == {"waypost.db", COPY}


def test_a_crash_while_copying_leaves_no_copy_and_the_next_start_makes_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a kill leaves: half a file under the name that only unfinished ones have.
    Path(f"{backup_path(path, OLD)}.part").write_bytes(path.read_bytes()[:5000])
    bring_up_to_date(path)
    assert facts(backup_path(path, OLD)) == {"older"}
    assert files(path) == {"waypost.db", COPY}


def test_an_existing_copy_makes_way_for_a_whole_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with killed_before_the_migration(monkeypatch):
        bring_up_to_date(path)
    # The older Waypost went on with its database before this one was tried again.
    write(path, "older still")
    bring_up_to_date(path)
    assert facts(backup_path(path, OLD)) == {"older", "older still"}


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """To a program a disk that is full and a file that may not grow are alike: the write fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_refused_without_migrating(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with killed_before_the_migration(monkeypatch):
        bring_up_to_date(path)
    write(path, "a big one", 1_000_000)
    with (
        files_of_at_most(500_000),
        pytest.raises(UnusableDatabaseError, match=rf"{COPY}.*nothing was changed"),
    ):
        bring_up_to_date(path)
    assert (revision(path), facts(path)) == (OLD, {"older", "a big one"})
    # The copy that was there is the one that is there.
    assert facts(backup_path(path, OLD)) == {"older"}
    assert files(path) == {"waypost.db", COPY}


def test_a_name_that_is_taken_is_refused_without_migrating(path: Path) -> None:
    backup_path(path, OLD).mkdir()
    with pytest.raises(UnusableDatabaseError, match=rf"{COPY}: Is a directory"):
        bring_up_to_date(path)
    assert (revision(path), files(path)) == (OLD, {"waypost.db", COPY})


def test_two_that_start_at_once_copy_it_as_it_was(path: Path) -> None:
    """Each would find the older revision; the later one must not copy what the earlier has migrated."""
    both = threading.Barrier(2)
    errors: list[BaseException] = []

    def start() -> None:
        both.wait()
        try:
            bring_up_to_date(path)
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            errors.append(error)

    starts = [threading.Thread(target=start) for _ in range(2)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()
    assert errors == []
    assert (revision(path), revision(backup_path(path, OLD))) == (HEAD, OLD)


def test_one_that_waited_while_another_migrated_has_nothing_left_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_up_to_date(path)
    backup_path(path, OLD).unlink()
    looks = iter([OLD])
    look = migrations._stored_revision
    # It looked before the other had finished, and got its turn after.
    monkeypatch.setattr(migrations, "_stored_revision", lambda of: next(looks, None) or look(of))
    bring_up_to_date(path)
    assert (revision(path), files(path)) == (HEAD, {"waypost.db"})
