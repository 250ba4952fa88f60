"""A million pending timers of which 500 fall due a second: how late they fire, and the memory of the process.

Each timer that falls due ends a leg whose receipt did not come: the message is loaded, decided about and
written, and its status published. Lateness is from the moment a timer is due to its commit. The aims: 99 %
are less than a second late, and the process takes less than 300 MB.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from waypost.clock import SystemClock
from waypost.config.loading import load
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatcher import Release
from waypost.delivery.lanes import Lanes
from waypost.delivery.recent_messages import RecentMessages
from waypost.delivery.stage_worker import StageWorker
from waypost.delivery.timers import Timers
from waypost.messaging.acceptance import first_leg, timers
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.identifiers import AccountId, MessageIds, SpaceId
from waypost.model.message.leg import LegState
from waypost.model.message.message import Message
from waypost.storage.changes import AddMessage, Change, Enqueue, PutLeg
from waypost.storage.records import Stage, Work
from waypost.storage.sqlite import SqliteStore

PENDING = 1_000_000
PER_SECOND = 500
SECONDS = 20
_START_AFTER_MS = 2_000
_BATCH = 500

# Those that fall due after the measurement; nobody looks at their messages.
_FILL = """WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
    INSERT INTO journal (seq, shard, stage, message_id, visible_at, body, tries, lane, fence, lease_until)
    SELECT 1 + i, 0, 'timer', printf('20270115%017d', i), :due + i * 1000 / :rate,
        '{"kind":"expiry","leg":0}', 0, '', 0, 0 FROM n"""
_CONFIGURATION = Configuration(
    [
        Account(id=AccountId("1")),
        Sender(channel="viber", id="20001", account_id=AccountId("1"), route="viber"),
    ]
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder) / "waypost.db"))


async def _run(path: Path) -> None:
    store = SqliteStore(path)
    count = PER_SECOND * SECONDS
    messages = await _add_messages(store, count)
    context = DeliveryContext(
        SystemClock(), lambda: _CONFIGURATION, load(None, {}).delivery, RecentMessages()
    )
    start = context.clock.now() + _START_AFTER_MS + max(0, PENDING - count) // 200
    _fill(path, max(0, PENDING - count), start + SECONDS * 1000 + 60_000)
    for begin in range(0, count, _BATCH):
        of_batch = enumerate(messages[begin : begin + _BATCH], begin)
        await store.apply([Change([_timer(message, start, place)]) for place, message in of_batch])
    measured = _Measured(Timers(store, context), context, count)
    worker = StageWorker(
        store,
        context.clock,
        Stage.TIMER,
        measured.process,
        lanes=Lanes(lambda lane: ((lane, 1000),)),
        batch=200,
        lease=60.0,
    )
    running = asyncio.create_task(worker.run())
    began = time.process_time()
    await measured.done.wait()
    cpu = time.process_time() - began
    await worker.stop()
    await running
    late = measured.late
    print(
        f"{PENDING:,} pending timers, {PER_SECOND} due a second for {SECONDS} s: fired "
        f"{statistics.median(late)} ms late (median), 99th percentile "
        f"{statistics.quantiles(late, n=100)[98]:.0f} ms, "
        f"at most {max(late)} ms; {cpu / count * 1e6:.0f} us of CPU each; "
        f"the process takes {_resident_mb():.0f} MB",
        flush=True,
    )
    await store.close()


class _Measured:
    """Fires timers, and notes how late each was, in milliseconds."""

    def __init__(self, fired: Timers, context: DeliveryContext, count: int) -> None:
        self.late: list[int] = []
        self.done = asyncio.Event()
        self._timers = fired
        self._context = context
        self._count = count

    async def process(self, works: Sequence[Work], release: Release) -> None:
        await self._timers.process(works, release)
        now = self._context.clock.now()
        self.late += [now - work.visible_at for work in works]
        if len(self.late) >= self._count:
            self.done.set()


async def _add_messages(store: SqliteStore, count: int) -> list[Message]:
    """Messages that were sent and of which no receipt has come."""
    ids, now = MessageIds(store.shards, node=store.node().number), SystemClock().now()
    messages = [
        Message(
            message_id=ids.next(now),
            account_id=AccountId("1"),
            space_id=SpaceId("cams-1"),
            accepted_at=now,
            channel="viber",
            message_type="text",
            sender="20001",
            recipient=f"49{place:010d}",
            content={"text": "hello"},
            label="transaction",
            ttl=60,
        )
        for place in range(count)
    ]
    for begin in range(0, count, _BATCH):
        changes = []
        for message in messages[begin : begin + _BATCH]:
            leg = first_leg(message, _CONFIGURATION)
            leg.state = LegState.SENT
            changes.append(Change([AddMessage(message), PutLeg(leg)]))
        await store.apply(changes)
    return messages


def _timer(message: Message, start: int, place: int) -> Enqueue:
    [expiry] = timers(message, 0)
    due = start + place * 1000 // PER_SECOND
    return Enqueue(expiry.stage, expiry.lane, expiry.message_id, expiry.body, due)


def _fill(path: Path, rows: int, due: int) -> None:
    if not rows:
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_FILL, {"rows": rows, "due": due, "rate": PER_SECOND})


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    main()
