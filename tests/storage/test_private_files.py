"""What is written can be read by its owner alone, whatever the umask."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.processes import run_waypost, start_sandbox, start_serve
from waypost.storage.sqlite import SqliteStore

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


@pytest.fixture(autouse=True)
def _loose_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_all_of_a_sandbox_is_private(tmp_path: Path) -> None:
    data = tmp_path / "made" / "data"
    with start_sandbox(data) as sandbox:
        sandbox.advance(60)
        found = modes(data)
    assert stat.S_IMODE(data.stat().st_mode) == PRIVATE_FOLDER
    assert {"waypost.db", "waypost.db-wal", "waypost.db-shm", "waypost.lock", "secret.key"} <= found.keys()
    assert {"world.db", "world.db-wal", "clock.json", "waypost.db.node-0"} <= found.keys()
    assert {name for name, mode in found.items() if mode != PRIVATE_FILE} == set()


def test_all_of_a_service_is_private_and_looser_files_are_tightened(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with start_serve(config):
        pass
    data = tmp_path / "data"
    for path in data.iterdir():
        path.chmod(0o644)
    data.chmod(0o755)
    with start_serve(config) as running:
        found = modes(data)
        assert {name for name in ("waypost.db", "secret.key") if found[name] != PRIVATE_FILE} == set()
        assert {name for name in ("waypost.db-wal", "waypost.db-shm") if found[name] != PRIVATE_FILE} == set()
    # The folder may hold more than ours: it is left as it is, and reported.
    assert stat.S_IMODE(data.stat().st_mode) == 0o755
    assert "files.not_private" in running.log
    assert "chmod 700" in running.log


async def test_a_second_connection_does_not_end_the_locks_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "waypost.db"
    first = SqliteStore(path)
    await first.transact(lambda tx: tx.set_fact("a", "b"))
    second = SqliteStore(path)
    await second.close()
    # Another process must still find the shared lock of the first: it cannot have the file for itself.
    exclusive = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0);"
        "print(c.execute('PRAGMA journal_mode = DELETE').fetchone()[0])"
    )
    command = [sys.executable, "-c", exclusive, str(path)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert "locked" in done.stderr
    await first.close()


def test_no_key_file_is_made_beside_a_database_that_has_keys(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    made = run_waypost("keys", "create", "--account", "acme", "--config", str(config))
    assert made.returncode == 0
    key_file = tmp_path / "data" / "secret.key"
    kept = key_file.rename(tmp_path / "kept.key")
    for command, sentence in (
        (("serve", "--port", "0"), "there is no key file, and the database holds access keys"),
        (("keys", "create", "--account", "acme"), "the key file of this folder's secrets is not here"),
    ):
        refused = run_waypost(*command, "--config", str(config))
        assert refused.returncode == 2
        assert sentence in refused.stderr
        assert "[store] key_file" in refused.stderr
        assert not key_file.exists()
    kept.rename(key_file)
    with start_serve(config):
        pass
