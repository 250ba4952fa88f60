"""Group commit: which changes share a flush, and which callers get the error of a failing database."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import pytest

from waypost.storage.contract import StoreUnavailableError, Transaction
from waypost.storage.group_commit import GroupCommit

FULL = sqlite3.OperationalError("database or disk is full")
TWICE = sqlite3.IntegrityError("UNIQUE constraint failed")
TORN = sqlite3.DatabaseError("database disk image is malformed")


class Database:
    """Keeps lines of text; a change adds some.

    Attributes:
        lines: what is durable.
        steps: what was called, in its order: `begin`, `flush 3` (of three lines), `roll_back`, `flushed`.
        faults: what the next flushes raise; None for nothing.
        locked: `begin` raises it while it is set.
        begun: set by the first `begin`.
        gate: a flush waits for it.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[str] = []
        self.faults: deque[sqlite3.Error | None] = deque()
        self.locked: sqlite3.Error | None = None
        self.begun = asyncio.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._open: list[str] = []

    def begin(self) -> Transaction:
        self.steps.append("begin")
        self.begun.set()
        if self.locked is not None:
            raise self.locked
        self._open = []
        return cast(Transaction, self._open)

    def flush(self) -> None:
        self.gate.wait(20)
        self.steps.append(f"flush {len(self._open)}")
        if (fault := self.faults.popleft() if self.faults else None) is not None:
            raise fault
        if len(set(self._open)) < len(self._open) or set(self._open) & set(self.lines):
            raise TWICE

    def roll_back(self) -> None:
        self.steps.append("roll_back")
        self._open = []

    def flushed(self) -> None:
        self.steps.append("flushed")
        self.lines += self._open


def adds(line: str) -> Callable[[Transaction], str]:
    """A change that adds a line and returns it in capitals."""

    def change(transaction: Transaction) -> str:
        cast(list[str], transaction).append(line)
        return line.upper()

    return change


def fails_with(fault: Exception) -> Callable[[Transaction], str]:
    def change(transaction: Transaction) -> str:
        cast(list[str], transaction).append("half")
        raise fault

    return change


async def run_all(commits: GroupCommit, *changes: Callable[[Transaction], str]) -> list[Any]:
    """What each got: its result, or what it was refused with."""
    results = await asyncio.gather(*(commits.run(change) for change in changes), return_exceptions=True)
    await commits.close()
    return results


async def test_changes_of_one_moment_share_a_flush_in_their_order() -> None:
    database = Database()
    assert await run_all(GroupCommit(database), *map(adds, "cab")) == ["C", "A", "B"]
    assert database.lines == ["c", "a", "b"]
    assert database.steps == ["begin", "flush 3", "flushed"]


async def test_changes_that_come_during_a_flush_share_the_next() -> None:
    database = Database()
    commits = GroupCommit(database)
    database.gate.clear()
    first = asyncio.ensure_future(commits.run(adds("a")))
    await database.begun.wait()
    others = [asyncio.ensure_future(commits.run(adds(line))) for line in "bc"]
    await asyncio.sleep(0)
    assert database.lines == []
    assert not first.done()
    database.gate.set()
    assert await asyncio.gather(first, *others) == ["A", "B", "C"]
    assert database.steps == ["begin", "flush 1", "flushed", "begin", "flush 2", "flushed"]
    await commits.close()


async def test_a_round_is_bounded_and_the_rest_is_next() -> None:
    database = Database()
    lines = [str(number) for number in range(900)]
    assert await run_all(GroupCommit(database), *map(adds, lines)) == lines
    assert database.lines == lines
    assert [step for step in database.steps if step.startswith("flush ")] == [
        "flush 400",
        "flush 400",
        "flush 100",
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_change_that_raises_harms_no_other(place: int) -> None:
    database = Database()
    fault = KeyError("mine")
    changes = [adds("a"), adds("b")]
    changes.insert(place, fails_with(fault))
    results = await run_all(GroupCommit(database), *changes)
    assert results.pop(place) is fault
    assert results == ["A", "B"]
    assert database.lines == ["a", "b"]


async def test_a_change_that_fails_alone_is_not_run_again() -> None:
    database = Database()
    [refused] = await run_all(GroupCommit(database), fails_with(KeyError("mine")))
    assert isinstance(refused, KeyError)
    assert database.steps == ["begin", "roll_back"]


async def test_a_line_that_is_there_already_is_refused_to_its_change_alone() -> None:
    database = Database()
    database.lines = ["b"]
    a, b, c = await run_all(GroupCommit(database), *map(adds, "abc"))
    assert (a, c) == ("A", "C")
    assert isinstance(b, sqlite3.IntegrityError)
    assert database.lines == ["b", "a", "c"]


async def test_of_two_changes_that_cannot_both_be_the_first_is_done() -> None:
    database = Database()
    first, second = await run_all(GroupCommit(database), adds("a"), adds("a"))
    assert first == "A"
    assert isinstance(second, sqlite3.IntegrityError)
    assert database.lines == ["a"]


@pytest.mark.parametrize("fault", [FULL, TORN])
async def test_a_flush_that_fails_is_unavailability_for_all_of_its_round(fault: sqlite3.Error) -> None:
    database = Database()
    database.faults.append(fault)
    results = await run_all(GroupCommit(database), *map(adds, "abc"))
    assert [type(result) for result in results] == [StoreUnavailableError] * 3
    assert {str(result) for result in results} == {str(fault)}
    assert database.lines == []
    assert database.steps == ["begin", "flush 3", "roll_back"]


async def test_after_a_failed_flush_the_next_change_is_done() -> None:
    database = Database()
    commits = GroupCommit(database)
    database.faults.append(FULL)
    with pytest.raises(StoreUnavailableError):
        await commits.run(adds("a"))
    assert await commits.run(adds("a")) == "A"
    assert database.lines == ["a"]
    await commits.close()


async def test_a_database_that_is_locked_is_unavailability_for_each() -> None:
    database = Database()
    database.locked = sqlite3.OperationalError("database is locked")
    results = await run_all(GroupCommit(database), *map(adds, "ab"))
    assert [type(result) for result in results] == [StoreUnavailableError] * 2
    assert database.lines == []
    assert "flushed" not in database.steps


async def test_a_statement_that_the_database_fails_at_is_unavailability_for_its_change_alone() -> None:
    database = Database()
    a, refused, b = await run_all(GroupCommit(database), adds("a"), fails_with(FULL), adds("b"))
    assert (a, b) == ("A", "B")
    assert isinstance(refused, StoreUnavailableError)
    assert database.lines == ["a", "b"]


async def test_a_change_that_was_run_twice_returns_what_the_second_run_gave() -> None:
    database = Database()
    runs: list[int] = []

    def counts(transaction: Transaction) -> str:
        runs.append(len(runs) + 1)
        cast(list[str], transaction).append("counted")
        return str(runs[-1])

    results = await run_all(GroupCommit(database), counts, fails_with(KeyError("mine")))
    assert results[0] == "2"
    assert database.lines == ["counted"]


@pytest.mark.parametrize("fault", [None, FULL, TWICE])
async def test_a_caller_that_went_away_disturbs_nothing(fault: sqlite3.Error | None) -> None:
    database = Database()
    commits = GroupCommit(database)
    database.faults.append(fault)
    database.gate.clear()
    gone = asyncio.ensure_future(commits.run(adds("a")))
    stays = asyncio.ensure_future(commits.run(adds("b")))
    await database.begun.wait()
    gone.cancel()
    database.gate.set()
    [result] = await asyncio.gather(stays, return_exceptions=True)
    assert isinstance(result, StoreUnavailableError) if fault is FULL else result == "B"
    assert await commits.run(adds("c")) == "C"
    await commits.close()


async def test_closing_waits_for_what_is_under_way() -> None:
    database = Database()
    commits = GroupCommit(database)
    waiting = [asyncio.ensure_future(commits.run(adds(str(number)))) for number in range(500)]
    await asyncio.sleep(0)
    await commits.close()
    assert len(database.lines) == 500
    assert await asyncio.gather(*waiting) == [str(number) for number in range(500)]
