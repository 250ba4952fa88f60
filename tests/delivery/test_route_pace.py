"""A route's rate with all that belongs to it: claims, attempts, hand-on, two processes, a moved clock."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.delivery.dispatch_node import DispatchNode, Provider, dispatch_node
from waypost.clock import MovableClock, machine_seconds
from waypost.connectors.contract import Submission
from waypost.model.message.outcomes import Accepted, Outcome

_DAY_HALF_MS = 43_200_000


class TimedProvider(Provider):
    """Notes when each request starts.

    Attributes:
        starts: the moments, in seconds.
    """

    def __init__(self, answers_after: float = 0.0) -> None:
        super().__init__(self._note)
        self.starts: list[float] = []
        self._answers_after = answers_after

    async def _note(self, submission: Submission) -> Outcome:
        self.starts.append(machine_seconds())
        if self._answers_after:
            await asyncio.sleep(self._answers_after)
        return Accepted(None)


def most_in_a_second(starts: Sequence[float]) -> int:
    moments = sorted(starts)
    return max(sum(first <= each < first + 1 for each in moments) for first in moments)


@pytest.mark.quiet
@pytest.mark.long
@pytest.mark.parametrize("rate", [10, 100, 400])
async def test_no_second_has_more_and_nine_tenths_are_used(tmp_path: Path, rate: int) -> None:
    provider = TimedProvider(answers_after=0.02)
    async with dispatch_node(tmp_path, MovableClock(), provider, width=100, rate=rate) as node:
        await node.fill(4 * rate, "promotion")
        await node.fill(4 * rate, "promotion", "2")
        node.start()
        await provider.until(1)
        await provider.until(int(3.5 * rate))
        assert most_in_a_second(provider.starts) <= rate
        seconds = provider.starts[-1] - provider.starts[0]
        assert len(provider.starts) >= 0.9 * rate * seconds - 1
        assert node.lanes.in_flight("viber") <= max(2, 0.4 * rate) + 3, "no more is claimed than starts soon"


@pytest.mark.quiet
@pytest.mark.long
async def test_two_processes_keep_one_rate_and_a_moved_clock_changes_nothing(tmp_path: Path) -> None:
    provider, clock = TimedProvider(), MovableClock()
    nodes = [DispatchNode(tmp_path / "waypost.db", clock, provider, width=100, rate=100) for _ in range(2)]
    await nodes[0].fill(450, "promotion", ttl=1_209_600)
    for node in nodes:
        node.start()
    await provider.until(100)
    clock.move_to(clock.now() + _DAY_HALF_MS)
    await provider.until(250)
    clock.move_to(clock.now() + _DAY_HALF_MS)
    await provider.until(400)
    assert most_in_a_second(provider.starts) <= 100
    assert len(provider.starts) >= 0.85 * 100 * (provider.starts[-1] - provider.starts[0])
    for node in nodes:
        await node.stop()


async def test_transactions_come_first_in_a_scarce_rate(tmp_path: Path) -> None:
    provider = TimedProvider()
    async with dispatch_node(tmp_path, MovableClock(), provider, width=100, rate=40) as node:
        await node.fill(400, "promotion")
        node.start()
        await provider.until(20)
        late = []
        for _ in range(10):
            before = len(provider.received)
            accepted = await node.accept("transaction", "2")
            await provider.until(before + 1)
            while not any(one.reference.startswith(accepted) for one in provider.received):
                await provider.until(len(provider.received) + 1)
            late.append(len(provider.received) - before)
        # Beside it only what had its moment already: that of the present slice, and of the next one.
        assert sorted(late)[5] <= 5, late
        assert most_in_a_second(provider.starts) <= 40


async def test_a_lone_message_does_not_wait_for_a_slice(tmp_path: Path) -> None:
    provider = TimedProvider()
    async with dispatch_node(tmp_path, MovableClock(), provider, width=10, rate=1) as node:
        node.start()
        started = machine_seconds()
        await node.accept("transaction")
        await provider.until(1)
        assert provider.starts[0] - started < 0.5
