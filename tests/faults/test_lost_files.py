"""The database or a lock file is taken away from a running service: it ends at once, and says what to do."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.signed import requests

from tests.crash.callers import answer_to, connect
from tests.processes import ENDED_WITHIN, start_sandbox

pytestmark = pytest.mark.long


def unlink(name: str) -> Callable[[Path], None]:
    return lambda data: (data / name).unlink()


def rename(name: str) -> Callable[[Path], None]:
    def attack(data: Path) -> None:
        (data / name).rename(data / "elsewhere")

    return attack


def replace(name: str) -> Callable[[Path], None]:
    def attack(data: Path) -> None:
        shutil.copy(data / name, data / "copy")
        (data / "copy").rename(data / name)

    return attack


def move_folder(data: Path) -> None:
    data.rename(data.with_name("moved"))


ATTACKS = {
    "database unlinked": (unlink("waypost.db"), "waypost.db was removed"),
    "database renamed": (rename("waypost.db"), "waypost.db was removed"),
    "database replaced": (replace("waypost.db"), "waypost.db was replaced"),
    "log unlinked": (unlink("waypost.db-wal"), "waypost.db-wal was removed"),
    "shared memory unlinked": (unlink("waypost.db-shm"), "waypost.db-shm was removed"),
    "folder's lock unlinked": (unlink("waypost.lock"), "waypost.lock was removed"),
    "node's lock replaced": (replace("waypost.db.node-0"), "waypost.db.node-0 was replaced"),
    "folder moved": (move_folder, "was removed or moved away"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_accepted_any_more_and_it_ends_with_1(tmp_path: Path, attack: str) -> None:
    take_away, sentence = ATTACKS[attack]
    data = tmp_path / "data"
    with start_sandbox(data) as sandbox, connect(sandbox.port) as connection:
        assert accepted(connection, sandbox.port, 0)
        take_away(data)
        # From now on no call is accepted, not even the first.
        codes = []
        try:
            for number in range(1, 400):
                [request] = requests(1, sandbox.port, To=f"4917{number:08d}")
                codes.append(answer_to(connection, request)["Code"])
        except OSError:
            pass
        assert sandbox.process.wait(ENDED_WITHIN) == 1
        sandbox.stop()
        assert set(codes) <= {"ServiceUnavailable"}
        assert sentence in sandbox.log
        assert "restore a backup" in sandbox.log
        assert "Traceback" not in sandbox.log


@pytest.mark.parametrize("attack", ["database unlinked", "folder's lock unlinked"])
def test_it_is_noticed_without_any_call(tmp_path: Path, attack: str) -> None:
    take_away, sentence = ATTACKS[attack]
    data = tmp_path / "data"
    with start_sandbox(data) as sandbox:
        take_away(data)
        assert sandbox.process.wait(ENDED_WITHIN) == 1
        sandbox.stop()
        assert sentence in sandbox.log


def accepted(connection: socket.socket, port: int, number: int) -> bool:
    [request] = requests(1, port, To=f"4917{number:08d}")
    return bool(answer_to(connection, request)["Code"] == "OK")
