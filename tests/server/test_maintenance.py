"""Background tasks: one is started again after an error, and what is old is removed."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from tests.processes import ENDED_WITHIN
from tests.storage.stored_entries import insert, remove
from tests.storage.test_call_records import record
from tests.storage.test_retention import add
from waypost.clock import MovableClock
from waypost.model.access.principals import User
from waypost.model.identifiers import DAY_MS, AccountId
from waypost.model.retention import RetentionAges
from waypost.server import maintenance
from waypost.storage.call_records import CallFilter
from waypost.storage.sqlite import SqliteStore


async def _until_it_works(outcomes: list[str]) -> None:
    outcomes.append("begun")
    if len(outcomes) < 3:
        raise RuntimeError("the disk was full")


def test_an_error_does_not_end_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_RESTART_DELAY_S", 0.0)
    outcomes: list[str] = []

    async def run() -> None:
        await _until_it_works(outcomes)

    asyncio.run(maintenance.supervise(run))
    assert outcomes == ["begun"] * 3


async def test_what_was_removed_is_kept_for_an_hour_and_then_dropped_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_BATCH", 2)
    store = SqliteStore(tmp_path / "waypost.db")
    users = [User(id=str(number), account_id=AccountId("1")) for number in range(6)]
    await insert(store, *users)
    await remove(store, *users[:3])
    sleeps: list[float] = []

    async def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 1:
            await remove(store, users[3])
        if len(sleeps) == 4:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await maintenance.Maintenance(store, *cast(Any, (None, None, None))).forget_removed_entries()
    pause = maintenance._BATCH_PAUSE_S
    assert sleeps == [3600.0, pause, pause, 3600.0]
    rows = store._reader.fetch("SELECT id FROM configuration WHERE origin = ''", ())
    assert rows == [("3",)], "the one that was removed within the hour"
    assert len(await store.configuration.entries()) == 2
    await store.close()


async def test_calls_are_forgotten_after_their_days_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_BATCH", 2)
    store = SqliteStore(tmp_path / "waypost.db")
    clock = MovableClock()
    old = [record(f"old {number}", at=clock.now() - DAY_MS - 1) for number in range(3)]
    young = record("young", at=clock.now() - DAY_MS // 2)
    await store.transact(lambda tx: tx.call_records.add([*old, young]))
    sleeps: list[float] = []

    async def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 2:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await maintenance.Maintenance(
            store, clock, cast(Any, None), RetentionAges(calls=1)
        ).forget_call_records()
    monkeypatch.undo()
    assert sleeps == [maintenance._BATCH_PAUSE_S, maintenance._INTERVAL_S]
    assert await store.call_records.page(CallFilter()) == [young]
    await store.close()


class WaitedForClock(MovableClock):
    """A clock that says when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for = asyncio.Event()

    async def wait(self, until: int | None, woken: asyncio.Event) -> None:
        self.waited_for.set()
        await super().wait(until, woken)


async def test_other_ages_are_applied_at_once(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "waypost.db", durable=False)
    clock = WaitedForClock()
    old = await add(store, clock.now() - 31 * DAY_MS)
    kept = maintenance.Maintenance(store, clock, cast(Any, None), RetentionAges())
    applying = asyncio.create_task(kept.apply_retention())

    async def is_redacted_after_a_round() -> bool:
        await asyncio.wait_for(clock.waited_for.wait(), ENDED_WITHIN)
        clock.waited_for.clear()
        found = await store.find_message(old)
        assert found is not None
        return found.redacted

    assert not await is_redacted_after_a_round()
    kept.use_ages(RetentionAges(content=30))
    assert await is_redacted_after_a_round()
    applying.cancel()
    await asyncio.gather(applying, return_exceptions=True)
    await store.close()
