"""A campaign of a million messages that wait is cancelled, while other calls are accepted.

Measured are how long it takes until every one of them has ended, how fast the callbacks follow, and what an
accepted call waits for its transaction meanwhile, beside the same without a cancellation. `--rows` says how
many wait.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from waypost.clock import SystemClock
from waypost.config.loading import load
from waypost.delivery.cancelling import Canceller
from waypost.delivery.context import DeliveryContext
from waypost.delivery.recent_messages import RecentMessages
from waypost.messaging.acceptance import acceptance
from waypost.messaging.cancellation import accepted_by_now, carry_out
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.identifiers import AccountId, MessageIds, SpaceId
from waypost.model.message.cancellation import CancelFilter, Cancellation
from waypost.model.message.message import Message
from waypost.storage.changes import Change
from waypost.storage.sqlite import SqliteStore

ROWS = 1_000_000
PUBLISHED_S = 10.0
_BATCH = 2000
_ACCEPT_EVERY_S = 0.005
_ACME, _OTHER = AccountId("acme"), AccountId("other")
_CONFIGURATION = Configuration(
    [
        *(Account(id=account) for account in (_ACME, _OTHER)),
        Sender(channel="viber", id="20001", account_id=_ACME, route="viber"),
        Sender(channel="viber", id="20002", account_id=_OTHER, route="viber"),
    ]
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=ROWS)
    rows = arguments.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder) / "waypost.db", rows))


async def _run(path: Path, rows: int) -> None:
    clock, ids = SystemClock(), MessageIds(1, seed=0)
    await _fill(path, rows, clock, ids)
    store = SqliteStore(path)
    context = DeliveryContext(clock, lambda: _CONFIGURATION, load(None, {}).delivery, RecentMessages())
    before = await _accept_for(store, clock, ids, asyncio.create_task(asyncio.sleep(3)))
    cancellation = await _record(store, clock)
    begun, begun_at = time.perf_counter(), clock.now()
    cancelling = asyncio.create_task(carry_out(store, cancellation, clock.now))
    meanwhile = await _accept_for(store, clock, ids, cancelling)
    seconds = time.perf_counter() - begun
    extent = cancelling.result()
    canceller = Canceller(store, context)
    begun = time.perf_counter()
    publishing = asyncio.create_task(_for_a_while(canceller, await _found(store, cancellation.id)))
    published_beside = await _accept_for(store, clock, ids, publishing)
    published_s = time.perf_counter() - begun
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        published = connection.execute("SELECT count(*) FROM callback").fetchone()[0]
        last_at = connection.execute("SELECT max(updated_at) FROM leg WHERE state = 'failed'").fetchone()[0]
    print(
        f"{extent.waiting:,} of {rows:,} messages ended, the last after {(last_at - begun_at) / 1000:.1f} s; "
        f"after {seconds:.1f} s the rest is known: {extent.with_provider} with a provider"
    )
    print(f"{published:,} callbacks in {published_s:.1f} s, {published / published_s:,.0f} a second")
    for name, waits in (("before", before), ("ending", meanwhile), ("publishing", published_beside)):
        p99 = statistics.quantiles(waits, n=100)[98]
        print(
            f"an accept {name}: median {statistics.median(waits) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, "
            f"worst {max(waits) * 1000:.0f} ms of {len(waits):,}"
        )


async def _fill(path: Path, rows: int, clock: SystemClock, ids: MessageIds) -> None:
    store = SqliteStore(path, durable=False)
    for first in range(0, rows, _BATCH):
        await asyncio.wait(
            [
                store.apply([Change(acceptance(_message(clock, ids, _ACME), _CONFIGURATION, 0).commands)])
                for _ in range(min(_BATCH, rows - first))
            ]
        )
    await store.close()


def _message(clock: SystemClock, ids: MessageIds, account: AccountId) -> Message:
    now = clock.now()
    return Message(
        message_id=ids.next(now),
        account_id=account,
        space_id=SpaceId("cams-bench"),
        accepted_at=now,
        channel="viber",
        message_type="text",
        sender="20001" if account == _ACME else "20002",
        recipient="4915112345678",
        content={"text": "Only today: a fifth off everything in our shop in the old town"},
        label="promotion",
        task_id="sale",
        ttl=86_400,
    )


async def _record(store: SqliteStore, clock: SystemClock) -> Cancellation:
    filters = CancelFilter(account_id=_ACME, task_id="sale")
    before = accepted_by_now(store, clock.now())
    id_ = await store.transact(lambda t: t.cancellations.add(filters, before, "bench", clock.now()))
    return await _found(store, id_)


async def _found(store: SqliteStore, id_: int) -> Cancellation:
    found = await store.cancellations.find(id_)
    assert found is not None
    return found


async def _for_a_while(canceller: Canceller, cancellation: Cancellation) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(canceller.carry_out(cancellation), PUBLISHED_S)


async def _accept_for(
    store: SqliteStore, clock: SystemClock, ids: MessageIds, until: "asyncio.Task[object]"
) -> list[float]:
    """Accepts a message every few milliseconds; how long each waited, in seconds."""
    waits: list[float] = []
    while not until.done():
        message = _message(clock, ids, _OTHER)
        begun = time.perf_counter()
        await store.apply([Change(acceptance(message, _CONFIGURATION, 0).commands)])
        waits.append(time.perf_counter() - begun)
        await asyncio.sleep(_ACCEPT_EVERY_S)
    return waits


if __name__ == "__main__":
    main()
