"""An hour of two floods and what must not starve beside them, on the movable clock: a class and an account.

    make soak NAME=starvation ROUNDS=3600

A round is a second of business time. In each one two accounts flood the route with more transactions than it
takes, and with promotions; a third account has a transaction, and now and then a promotion. The provider
takes so many messages a second. Asserted, again and again: promotions have their share of what is handed on,
the two accounts have equal parts of each class, and what the third one sends is with the provider within two
seconds. Not part of any test run.
"""

import argparse
import asyncio
import tempfile
from collections import Counter
from pathlib import Path

from tests.delivery.dispatch_node import DispatchNode, Provider
from tests.sandbox.sandbox_network import StillClock
from waypost.connectors.contract import Submission
from waypost.model.identifiers import MessageId, time_of
from waypost.model.message.outcomes import Accepted, Outcome

WIDTH = 20
PER_SECOND = 30
SHARE = 0.05
_TTL_S = 1_209_600
_LATEST_S = 2.0
_REPORT_EVERY = 300


class Paced(Provider):
    """Answers so many requests in each second of business time, in the order in which they came."""

    def __init__(self, clock: StillClock) -> None:
        super().__init__(self._wait)
        self._clock = clock
        self._waiting: list[asyncio.Future[None]] = []
        self.late: Counter[str] = Counter()
        self.by_sender: Counter[tuple[str, str]] = Counter()
        self.latest = 0.0

    async def _wait(self, submission: Submission) -> Outcome:
        self.by_sender[submission.sender, submission.label] += 1
        if submission.sender == "20003":
            message_id = MessageId(submission.reference.rsplit("-", 2)[0])
            waited = (self._clock.now() - time_of(message_id)) / 1000
            if submission.label == "transaction":
                self.latest = max(self.latest, waited)
        answered = asyncio.get_running_loop().create_future()
        self._waiting.append(answered)
        await answered
        return Accepted(None)

    @property
    def under_way(self) -> int:
        return len(self._waiting)

    def answer(self) -> None:
        """The oldest request ends."""
        self._waiting.pop(0).set_result(None)


async def run(seconds: int) -> None:
    clock = StillClock()
    provider = Paced(clock)
    with tempfile.TemporaryDirectory() as folder:
        node = DispatchNode(Path(folder) / "waypost.db", clock, provider, width=WIDTH, share=SHARE, rate=0)
        node.start()
        for account in ("1", "2"):
            await node.fill(200, "transaction", account, ttl=_TTL_S)
            await node.fill(200, "promotion", account, ttl=_TTL_S)
        started = 0
        for second in range(seconds):
            for account in ("1", "2"):
                await node.fill(PER_SECOND // 2, "transaction", account, ttl=_TTL_S)
                await node.fill(2, "promotion", account, ttl=_TTL_S)
            await node.accept("transaction", "3", ttl=_TTL_S)
            if second % 10 == 0:
                await node.accept("promotion", "3", ttl=_TTL_S)
            for _ in range(PER_SECOND):
                await _until_full(node, provider)
                provider.answer()
            clock.move_to(clock.now() + 1000)
            started += PER_SECOND
            if (second + 1) % _REPORT_EVERY == 0 or second + 1 == seconds:
                _judge(provider, started)
        while provider.under_way:
            provider.answer()
            await asyncio.sleep(0)
        await node.worker.stop()
        while provider.under_way:
            provider.answer()
            await asyncio.sleep(0)
        await node.stop()


async def _until_full(node: DispatchNode, provider: Paced) -> None:
    """Returns when as many requests are out as the route is wide."""
    async with asyncio.timeout(30):
        while provider.under_way < WIDTH:
            await node.store.changed_elsewhere()


def _judge(provider: Paced, started: int) -> None:
    counted = provider.by_sender
    promotions = sum(number for (_, label), number in counted.items() if label == "promotion")
    transactions = sum(counted.values()) - promotions
    ones, others = counted["20001", "promotion"], counted["20002", "promotion"]
    first, second = counted["20001", "transaction"], counted["20002", "transaction"]
    print(
        f"{started:,} handed on: {transactions:,} transactions, {promotions:,} promotions "
        f"({promotions / (promotions + transactions):.3f}; share {SHARE}); of two {ones:,} and "
        f"{others:,} promotions, {first:,} and {second:,} transactions; of the third "
        f"{counted['20003', 'promotion']:,} promotions; its transactions wait {provider.latest:.0f} s",
        flush=True,
    )
    assert 0.95 * SHARE * started <= promotions <= 1.1 * SHARE * started + WIDTH
    assert min(ones, others) >= 0.45 * (ones + others)
    assert min(first, second) >= 0.45 * (first + second)
    assert counted["20003", "promotion"] >= 1
    assert provider.latest <= _LATEST_S


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Floods, and what must not starve beside them.")
    parser.add_argument("--rounds", type=int, default=3600)
    asyncio.run(run(parser.parse_args().rounds))
