"""Durable accepts a second, against the bare server answering the same requests in the same run.

The bare server is the same HTTP server with an ASGI application that reads nothing and answers one fixed
body; the service is the whole of Waypost: signature, nonce, throttle, access, validation, and a flush to disk
before each `OK`. Its provider takes the first message and never answers, with one message in flight at most,
so that intake is what is measured; `bench/steady` measures everything at once. A second service has a million
messages whose timers are pending. The three are measured in turn, and each ratio is of neighbours in time.
The load generator has the other core.
"""

import socket
import statistics
import tempfile
import time
from pathlib import Path

import uvloop

from bench import load, signed
from bench.service import resident_mib, running
from waypost.model.identifiers import AccountId, MessageIds, SpaceId
from waypost.model.message.lanes import TIMER_LANE
from waypost.model.message.message import Message
from waypost.model.message.work import TimerKind, TimerWork, encode
from waypost.storage.changes import AddMessage, Change, Command, Enqueue
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

CONNECTIONS = 128
CALLS = 20_000
ROUNDS = 7
TIMERS = 1_000_000
_CHUNK = 5_000


def main() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        tempfile.TemporaryDirectory() as empty,
        tempfile.TemporaryDirectory() as full,
    ):
        uvloop.run(_fill(Path(full)))
        viber_url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with (
            running("bare") as bare,
            running("service", data=empty, viber_url=viber_url, concurrency=1) as service,
            running("service", data=full, viber_url=viber_url, concurrency=1) as laden,
        ):
            idle = resident_mib(service.pid)
            rates: dict[str, list[float]] = {"bare": [], "empty": [], "laden": []}
            tails = []
            for _ in range(ROUNDS):
                rates["bare"].append(load.run(bare.port, signed.requests(CALLS, bare.port), CONNECTIONS).rate)
                run = _accept(service.port)
                rates["empty"].append(run.rate)
                tails.append(run.latency(0.99) * 1000)
                rates["laden"].append(_accept(laden.port).rate)
                print(
                    f"bare {rates['bare'][-1]:7.0f}/s   durable accepts {run.rate:6.0f}/s "
                    f"(p50 {run.latency(0.5) * 1000:.1f} ms, p99 {tails[-1]:.1f} ms)   "
                    f"with {TIMERS:,} timers {rates['laden'][-1]:6.0f}/s",
                    flush=True,
                )
            _report(rates, tails)
            print(
                f"ready after {service.ready_after:.2f} s (with the timers {laden.ready_after:.2f} s); idle "
                f"memory {idle:.0f} MiB, after {ROUNDS * CALLS:,} calls {resident_mib(service.pid):.0f} MiB"
            )


def _report(rates: dict[str, list[float]], tails: list[float]) -> None:
    bare, empty, laden = (rates[name] for name in ("bare", "empty", "laden"))
    ratio = statistics.median(accepts / floor for accepts, floor in zip(empty, bare, strict=True))
    kept = statistics.median(full / without for full, without in zip(laden, empty, strict=True))
    print(
        f"\nmedians of {ROUNDS}: {statistics.median(empty):.0f} durable accepts/s, {ratio:.3f} of the bare "
        f"server's {statistics.median(bare):.0f}/s, p99 {statistics.median(tails):.1f} ms\n"
        f"with {TIMERS:,} timers pending: {statistics.median(laden):.0f}/s, {kept:.3f} of the empty store's"
    )


def _accept(port: int) -> load.Load:
    run = load.run(port, signed.requests(CALLS, port), CONNECTIONS)
    if run.statuses[200] != CALLS:
        raise RuntimeError(f"not every call was accepted: {run.statuses}")
    return run


async def _fill(folder: Path) -> None:
    """Writes messages that were sent and wait for their fallback."""
    store = SqliteStore(folder / "waypost.db")
    ids = MessageIds(store.shards)
    now = time.time_ns() // 1_000_000
    timer = encode(TimerWork(TimerKind.FALLBACK, 0))

    def chunk() -> list[Command]:
        commands: list[Command] = []
        for number in range(_CHUNK):
            message = Message(
                message_id=ids.next(now),
                account_id=AccountId("1"),
                space_id=SpaceId("cams-sandbox"),
                accepted_at=now,
                channel="viber",
                message_type="text",
                sender="20001",
                recipient=f"4915{number:07d}0002",
                content={"text": "Your order has left our warehouse."},
                label="promotion",
                ttl=120,
            )
            commands.append(AddMessage(message))
            due = now + 43_200_000
            commands.append(Enqueue(Stage.TIMER, TIMER_LANE, message.message_id, timer, due))
        return commands

    for _ in range(TIMERS // _CHUNK):
        await store.apply([Change(chunk())])
    await store.close()


if __name__ == "__main__":
    main()
