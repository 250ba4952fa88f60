"""Moving the sandbox's clock: everything due on the way is done at its time and in its order."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.claims import claim_due
from tests.sandbox.sandbox_network import START, StillClock
from tests.sandbox.test_sandbox_store import arrival
from tests.storage.databases import FIRST, LANE, Sqlite
from waypost.clock import MovableClock
from waypost.model.identifiers import MessageId
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.sandbox_store import ScheduledCallback
from waypost.sandbox.time_travel import TimeTravel, persistent_clock
from waypost.storage.changes import Enqueue, Finish
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Stage, Work


class Diary:
    """A service whose only work is to write down when its timers fired, and to set the next one.

    Attributes:
        entries: the moments, from the start of the clock, with what was done then.
        follow_up: after how many milliseconds each timer sets another; 0 for never.
    """

    def __init__(self, store: Store, clock: MovableClock, follow_up: int = 0, times: int = 0) -> None:
        self.entries: list[tuple[int, str]] = []
        self._store = store
        self._clock = clock
        self._follow_up = follow_up
        self._times = times
        self._woken = asyncio.Event()
        store.listen(Stage.TIMER, lambda lane, due: self._woken.set())

    async def run(self) -> None:
        while True:
            now = self._clock.now()
            for work in await claim_due(self._store, Stage.TIMER, 1, now):
                self.entries.append((now - START, work.body))

                def change(tx: Transaction, work: Work = work, now: int = now) -> None:
                    tx.write(Finish(work))
                    if self._times > 0:
                        tx.write(Enqueue(Stage.TIMER, LANE, MessageId(FIRST), "again", now + self._follow_up))

                await self._store.transact(change)
                self._times -= 1
            await self._clock.wait(await self._store.earliest_due(), self._woken)


class StillSandbox:
    """A store, a network of phones and a clock that stands still until it is moved."""

    def __init__(self, folder: Path, **diary: int) -> None:
        self.clock = StillClock()
        self.store = Sqlite(folder).open(durable=False)
        self.phones = PhoneNetwork(folder / "world.db", self.clock, {})
        self.travel = TimeTravel(self.clock, self.store, self.phones)
        self.diary = Diary(self.store, self.clock, **diary)

    async def __aenter__(self) -> "StillSandbox":
        await self.phones.start()
        self._task = asyncio.create_task(self.diary.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.phones.close()
        await self.store.close()

    async def set_timers(self, *dues: int) -> None:
        def change(tx: Transaction) -> None:
            for due in dues:
                tx.write(Enqueue(Stage.TIMER, LANE, MessageId(FIRST), f"at {due}", START + due))

        await self.store.transact(change)

    async def advance(self, seconds: float) -> int:
        return await asyncio.wait_for(self.travel.advance(seconds), 20) - START


async def test_each_timer_fires_at_its_own_time_and_in_order(tmp_path: Path) -> None:
    async with StillSandbox(tmp_path) as sandbox:
        await sandbox.set_timers(5000, 1000, 3000, 20_000)
        assert await sandbox.advance(10) == 10_000
        assert sandbox.diary.entries == [(1000, "at 1000"), (3000, "at 3000"), (5000, "at 5000")]
        assert await sandbox.advance(10) == 20_000
        assert sandbox.diary.entries[3:] == [(20_000, "at 20000")]


@pytest.mark.parametrize(("seconds", "moment"), [(0, 0), (0.001, 1), (1.5, 1500), (43_200, 43_200_000)])
async def test_the_clock_is_then_at_its_destination(seconds: float, moment: int, tmp_path: Path) -> None:
    async with StillSandbox(tmp_path) as sandbox:
        assert await sandbox.advance(seconds) == moment
        assert sandbox.clock.now() == START + moment


async def test_what_comes_of_a_timer_on_the_way_is_done_too(tmp_path: Path) -> None:
    async with StillSandbox(tmp_path, follow_up=1000, times=3) as sandbox:
        await sandbox.set_timers(500)
        await sandbox.advance(10)
        assert [moment for moment, _ in sandbox.diary.entries] == [500, 1500, 2500, 3500]


async def test_what_is_due_already_is_done_before_the_clock_moves(tmp_path: Path) -> None:
    async with StillSandbox(tmp_path) as sandbox:
        await sandbox.set_timers(0, -500)
        await sandbox.advance(60)
        assert sandbox.diary.entries == [(0, "at -500"), (0, "at 0")]


async def test_how_long_that_takes_is_not_taken_off_the_way(tmp_path: Path) -> None:
    async with StillSandbox(tmp_path) as sandbox:
        due = [START]

        async def earliest_due() -> int | None:
            # Half a second of real time goes by until the work that is due is done.
            if due:
                due.clear()
                sandbox.clock.move_to(START + 500)
                return START
            return None

        sandbox.store.earliest_due = earliest_due  # type: ignore[method-assign]
        await sandbox.travel.advance(1)
        assert sandbox.clock.now() - START == 1_500


async def test_two_advances_run_one_after_the_other(tmp_path: Path) -> None:
    async with StillSandbox(tmp_path) as sandbox:
        await sandbox.set_timers(1000, 9000)
        arrivals = await asyncio.gather(sandbox.advance(5), sandbox.advance(5))
        assert sorted(arrivals) == [5000, 10_000]
        assert [moment for moment, _ in sandbox.diary.entries] == [1000, 9000]


async def test_the_phones_and_the_service_take_turns(tmp_path: Path) -> None:
    async with StillSandbox(tmp_path) as sandbox:
        await sandbox.set_timers(1000, 3000)
        # A callback for which there is no address is over at its time.
        events = [ScheduledCallback(due=START + due, recipient="1", service_id=9) for due in (2000, 4000)]
        sandbox.phones.accept(arrival(), events)
        await sandbox.advance(2.5)
        assert sandbox.phones.next_due() == START + 4000
        assert [moment for moment, _ in sandbox.diary.entries] == [1000]
        await sandbox.advance(10)
        assert sandbox.phones.next_due() is None
        assert [moment for moment, _ in sandbox.diary.entries] == [1000, 3000]


def test_a_clock_goes_on_ahead_by_as_much_as_before(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    first = persistent_clock(path)
    assert first.offset == 0
    assert not path.exists()
    first.move_to(first.now() + 90_000)
    moved = first.offset
    assert 89_000 < moved <= 90_000
    assert persistent_clock(path).offset == moved
    second = persistent_clock(path)
    second.move_to(second.now() + 10_000)
    assert json.loads(path.read_text(encoding="utf-8")) == {"offset": second.offset}
    assert second.offset > moved
    assert [file.name for file in tmp_path.iterdir()] == ["clock.json"]


def test_a_clock_never_goes_back(tmp_path: Path) -> None:
    clock = persistent_clock(tmp_path / "clock.json")
    clock.move_to(clock.now() + 5000)
    ahead = clock.offset
    clock.move_to(clock.now() - 60_000)
    assert clock.offset == ahead
    assert persistent_clock(tmp_path / "clock.json").offset == ahead
