"""The writer: which items share a transaction, and which callers get the error of a failing database."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence

import pytest

from waypost.storage.contract import FilesLostError, StoreUnavailableError, UnknownOutcomeError
from waypost.storage.sqlite.writer import HUNG_AFTER_S, MANY_ITEMS, MAX_ITEMS, Writer

FULL = sqlite3.OperationalError("database or disk is full")
TORN = sqlite3.DatabaseError("database disk image is malformed")


class Database:
    """Keeps lines of text.

    Attributes:
        rounds: the items of each transaction.
        committed: how many transactions were announced.
        error: what the next transaction raises.
        begun: set in the first transaction.
        gate: a transaction waits for it.
    """

    def __init__(self, hung_after: float = HUNG_AFTER_S) -> None:
        self.rounds: list[list[str]] = []
        self.committed = 0
        self.error: Exception | None = None
        self.begun = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.writer: Writer[str] = Writer(self._write, self._announce, hung_after=hung_after)

    def _write(self, items: Sequence[str]) -> Sequence[object]:
        self.begun.set()
        self.gate.wait(20)
        error, self.error = self.error, None
        if error is not None:
            raise error
        self.rounds.append(list(items))
        return [KeyError(item) if item == "bad" else item.upper() for item in items]

    def _announce(self) -> None:
        self.committed += 1

    async def until_begun(self) -> None:
        await asyncio.to_thread(self.begun.wait, 20)


async def test_items_of_one_moment_share_a_transaction_in_their_order() -> None:
    database = Database()
    assert await asyncio.gather(*map(database.writer.put, "cab")) == ["C", "A", "B"]
    assert database.rounds == [["c", "a", "b"]]
    assert database.committed == 1
    await database.writer.close()


async def test_items_that_come_during_a_transaction_share_the_next() -> None:
    database = Database()
    database.gate.clear()
    first = database.writer.put("a")
    await database.until_begun()
    others = [database.writer.put(line) for line in "bc"]
    assert not first.done()
    database.gate.set()
    assert await asyncio.gather(first, *others) == ["A", "B", "C"]
    assert database.rounds == [["a"], ["b", "c"]]
    await database.writer.close()


@pytest.mark.parametrize(
    ("first", "rounds"),
    [(MANY_ITEMS, ["a" * MANY_ITEMS, "bc"]), (MANY_ITEMS - 1, ["a" * (MANY_ITEMS - 1), "b", "c"])],
)
async def test_after_a_transaction_of_many_more_are_gathered_for_the_next(
    first: int, rounds: list[str]
) -> None:
    database = Database()
    database.gate.clear()
    before = [database.writer.put("a") for _ in range(first)]
    await database.until_begun()
    waits = database.writer.put("b")
    database.gate.set()
    await asyncio.wait(before)
    # The next transaction has begun, if it is not delayed.
    last = database.writer.put("c")
    await asyncio.wait([waits, last])
    assert ["".join(items) for items in database.rounds] == rounds
    await database.writer.close()


async def test_a_transaction_is_bounded_and_the_rest_is_next() -> None:
    database = Database()
    lines = [str(number) for number in range(2 * MAX_ITEMS + 1)]
    assert await asyncio.gather(*map(database.writer.put, lines)) == lines
    assert [len(items) for items in database.rounds] == [MAX_ITEMS, MAX_ITEMS, 1]
    await database.writer.close()


async def test_an_item_that_fails_by_itself_harms_no_other() -> None:
    database = Database()
    a, bad, b = await asyncio.gather(*map(database.writer.put, ["a", "bad", "b"]), return_exceptions=True)
    assert (a, b) == ("A", "B")
    assert isinstance(bad, KeyError)
    await database.writer.close()


@pytest.mark.parametrize("error", [FULL, TORN])
async def test_a_transaction_that_fails_is_unavailability_for_all_of_it(error: sqlite3.Error) -> None:
    database = Database()
    database.error = error
    results = await asyncio.gather(*map(database.writer.put, "abc"), return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailableError] * 3
    assert {str(result) for result in results} == {str(error)}
    assert database.committed == 0
    assert await database.writer.put("d") == "D"
    await database.writer.close()


@pytest.mark.parametrize("error", [None, FULL])
async def test_a_caller_that_went_away_disturbs_nothing(error: sqlite3.Error | None) -> None:
    database = Database()
    database.error = error
    database.gate.clear()
    gone, stays = database.writer.put("a"), database.writer.put("b")
    await database.until_begun()
    gone.cancel()
    database.gate.set()
    if error is FULL:
        with pytest.raises(StoreUnavailableError):
            await stays
    else:
        assert await stays == "B"
    assert await database.writer.put("c") == "C"
    await database.writer.close()


async def test_closing_waits_for_what_is_under_way() -> None:
    database = Database()
    waiting = [database.writer.put(str(number)) for number in range(1200)]
    await database.writer.close()
    assert sum(map(len, database.rounds)) == 1200
    assert await asyncio.gather(*waiting) == [str(number) for number in range(1200)]


async def test_after_closing_nothing_is_written_and_nobody_waits() -> None:
    database = Database()
    await database.writer.close()
    with pytest.raises(StoreUnavailableError):
        await asyncio.wait_for(database.writer.put("a"), 20)
    assert database.rounds == []


async def test_a_listener_that_fails_keeps_nobody_waiting() -> None:
    database = Database()
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))

    def fails() -> None:
        raise ValueError("a fault of ours")

    database.writer = Writer(database._write, fails)
    assert await asyncio.wait_for(database.writer.put("a"), 20) == "A"
    assert await asyncio.wait_for(database.writer.put("b"), 20) == "B"
    assert [type(failure) for failure in failures] == [ValueError, ValueError]
    await database.writer.close()


# A database that does not answer.


def busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


async def test_a_busy_database_refuses_what_waits_behind_the_transaction_too() -> None:
    database = Database()
    database.error = busy()
    database.gate.clear()
    first = database.writer.put("a")
    await database.until_begun()
    others = [database.writer.put(line) for line in "bc"]
    database.gate.set()
    results = await asyncio.gather(first, *others, return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailableError] * 3
    assert database.rounds == []
    assert database.writer.condition().reason == "database is locked"
    assert await database.writer.put("d") == "D"
    assert database.writer.condition() == (0.0, "")
    await database.writer.close()


async def test_another_error_lets_what_waits_have_a_try_of_its_own() -> None:
    database = Database()
    database.error = FULL
    database.gate.clear()
    first = database.writer.put("a")
    await database.until_begun()
    second = database.writer.put("b")
    database.gate.set()
    with pytest.raises(StoreUnavailableError):
        await first
    assert await second == "B"
    await database.writer.close()


async def test_while_a_flush_hangs_nobody_waits_but_who_must_know_what_came_of_it() -> None:
    database = Database(hung_after=0.05)
    database.gate.clear()
    bounded, patient = database.writer.put("a", bounded=True), database.writer.put("b")
    await database.until_begun()
    behind = database.writer.put("c")
    with pytest.raises(UnknownOutcomeError) as unknown:
        await bounded
    with pytest.raises(StoreUnavailableError):
        await behind
    with pytest.raises(StoreUnavailableError):
        await database.writer.put("d")
    assert not patient.done()
    assert database.writer.condition().away_for > 0
    database.gate.set()
    assert await patient == "B"
    assert await unknown.value.outcome == "A"
    assert database.rounds == [["a", "b"]]
    assert database.writer.condition() == (0.0, "")
    assert await database.writer.put("e") == "E"
    await database.writer.close()


async def test_after_a_file_is_lost_nothing_is_written_and_the_listener_hears_of_it_once() -> None:
    database = Database()
    lost: list[FilesLostError] = []
    database.writer.when_lost = lost.append
    database.error = error = FilesLostError("/data/waypost.db", "was removed or moved away")
    database.gate.clear()
    first = database.writer.put("a")
    await database.until_begun()
    second = database.writer.put("b")
    database.gate.set()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert list(results) == [error, error]
    with pytest.raises(FilesLostError):
        await database.writer.put("c")
    assert lost == [error]
    assert database.rounds == []
    await database.writer.close()
