"""A connection that reads is closed while others are at it: their reads end, and the process does not."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from waypost.storage.contract import StoreUnavailableError
from waypost.storage.sqlite.connections import Reader

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE t (i)")
    return Reader(tmp_path / "a.db")


def test_a_query_that_runs_is_ended_by_closing(reader: Reader) -> None:
    ended: list[str] = []
    begun = threading.Event()

    def read() -> None:
        begun.set()
        try:
            reader.fetch(ENDLESS, ())
        except StoreUnavailableError as error:
            ended.append(str(error))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    begun.wait()
    reader.close()
    for thread in threads:
        thread.join(20)
    assert len(ended) == 3
    assert set(ended) <= {"interrupted", "the database is closed"}


def test_what_reads_without_end_is_refused_after_closing(reader: Reader) -> None:
    reads = 0
    closed = threading.Event()

    def read() -> None:
        nonlocal reads
        while True:
            try:
                reader.fetch("SELECT count(*) FROM t", ())
            except StoreUnavailableError:
                closed.set()
                return
            reads += 1

    thread = threading.Thread(target=read)
    thread.start()
    while not reads:
        pass
    reader.close()
    thread.join(20)
    assert closed.is_set()
