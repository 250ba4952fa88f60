"""Files that are in use are compared by path: what was taken away is noticed, what is written is not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.inline import Inline
from waypost.storage.contract import FilesLostError, StoreUnavailableError
from waypost.storage.sqlite import SqliteStore
from waypost.storage.sqlite.watched_files import WatchedFiles


def write(path: Path) -> None:
    path.write_text("more", encoding="utf-8")


def replace(path: Path) -> None:
    path.with_name("other").write_text("the same", encoding="utf-8")
    path.with_name("other").rename(path)


def swap_for_link(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.with_name("other").write_text("the same", encoding="utf-8")
    path.symlink_to(path.with_name("other"))


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (write, None),
        (Path.touch, None),
        (lambda path: os.link(path, path.with_name("second name")), None),
        (Path.unlink, "was removed or moved away"),
        (lambda path: path.rename(path.with_name("moved")), "was removed or moved away"),
        (lambda path: path.parent.rename(path.parent.with_name("moved")), "was removed or moved away"),
        (replace, "was replaced by another file"),
        (swap_for_link, "was replaced by another file"),
    ],
)
def test_what_is_noticed(tmp_path: Path, act: Callable[[Path], object], what: str | None) -> None:
    path = tmp_path / "folder" / "file"
    path.parent.mkdir()
    path.write_text("the same", encoding="utf-8")
    files = WatchedFiles([path])
    files.check()
    act(path)
    if what is None:
        files.check()
        return
    with pytest.raises(FilesLostError) as lost:
        files.check()
    assert (lost.value.path, lost.value.what) == (str(path), what)


def test_a_file_that_is_moved_for_a_link_to_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("the same", encoding="utf-8")
    files = WatchedFiles([path])
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    files.check()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", ".node-0"])
async def test_a_store_writes_nothing_any_more_and_reports_it_once(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "waypost.db"
    store = SqliteStore(path, executor=Inline())
    lost: list[FilesLostError] = []
    store.when_lost(lost.append)
    await store.transact(lambda tx: tx.set_fact("a", "1"))
    path.with_name(path.name + suffix).unlink()
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            await store.transact(lambda tx: tx.set_fact("a", "2"))
    assert [error.path for error in lost] == [f"{path}{suffix}"]
    assert store.condition().away_for > 0
    await store.close()


async def test_a_file_of_the_service_counts_too(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "waypost.db", executor=Inline())
    lock = tmp_path / "waypost.lock"
    lock.touch()
    store.watch(lock)
    await store.transact(lambda tx: tx.set_fact("a", "1"))
    lock.unlink()
    with pytest.raises(FilesLostError):
        await store.transact(lambda tx: tx.set_fact("a", "2"))
    await store.close()
