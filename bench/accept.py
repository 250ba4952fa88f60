"""Durable accepts a second and their CPU, against the floor's in the same run.

The floor (`bench/floor.py`) checks each call's signature and nonce and flushes its rows, and does nothing
else; the service is the whole of Waypost: signature, nonce, throttle, access, validation, and a flush to disk
before each `OK`. Its provider takes the first message and never answers, with one message in flight at most,
so that intake is what is measured; `bench/steady` measures everything at once. A second service has a million
messages whose timers are pending. The three are measured in turn, and each ratio is of neighbours in time.
CPU seconds are those of the whole process, as the kernel counts them. The load generator has the other core.
"""

import socket
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench import load, signed
from bench.processes import Running, cpu_seconds, ratio, resident_mib, running
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


class Figures(NamedTuple):
    """One round of one server.

    Attributes:
        rate: accepts a second.
        cpu: CPU seconds of its process for 1,000 accepts.
        p50, p99: latencies in milliseconds.
    """

    rate: float
    cpu: float
    p50: float
    p99: float


def main() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        tempfile.TemporaryDirectory() as bottom,
        tempfile.TemporaryDirectory() as empty,
        tempfile.TemporaryDirectory() as full,
    ):
        uvloop.run(_fill(Path(full)))
        options = {"viber_url": f"http://127.0.0.1:{silent.getsockname()[1]}/", "concurrency": 1}
        with (
            running("bench.floor", data=bottom) as floor,
            running("bench.service", "service", data=empty, **options) as service,
            running("bench.service", "service", data=full, **options) as laden,
        ):
            idle = resident_mib(service.pid)
            servers = {"floor": floor, "service": service, "with timers": laden}
            rounds: dict[str, list[Figures]] = {name: [] for name in servers}
            for _ in range(ROUNDS):
                for name, server in servers.items():
                    rounds[name].append(figures := _accept(server))
                    print(
                        f"{name:11} {figures.rate:6.0f} accepts/s, {figures.cpu:.3f} CPU s for 1,000 "
                        f"(p50 {figures.p50:.1f} ms, p99 {figures.p99:.1f} ms)",
                        flush=True,
                    )
            _report(rounds)
            print(
                f"ready after {service.ready_after:.2f} s (with the timers {laden.ready_after:.2f} s); idle "
                f"memory {idle:.0f} MiB, after {ROUNDS * CALLS:,} calls {resident_mib(service.pid):.0f} MiB"
            )


def _report(rounds: Mapping[str, Sequence[Figures]]) -> None:
    floor, service, laden = (rounds[name] for name in ("floor", "service", "with timers"))
    cpu, rate = _against(service, floor, "cpu"), _against(service, floor, "rate")
    kept = _against(laden, service, "rate")
    print(
        f"\nmedians of {ROUNDS}: {_median(service, 'rate'):.0f} durable accepts/s, {rate:.3f} of the floor's "
        f"{_median(floor, 'rate'):.0f}/s, p99 {_median(service, 'p99'):.1f} ms\n"
        f"{_median(service, 'cpu'):.4f} CPU s for 1,000 accepts, {cpu:.2f} of the floor's "
        f"{_median(floor, 'cpu'):.4f}\n"
        f"with {TIMERS:,} timers pending: {_median(laden, 'rate'):.0f}/s, {kept:.3f} of the empty store's"
    )


def _median(rounds: Sequence[Figures], name: str) -> float:
    return float(statistics.median(getattr(figures, name) for figures in rounds))


def _against(rounds: Sequence[Figures], others: Sequence[Figures], name: str) -> float:
    """The median over the rounds of a figure as a share of another server's in the same round."""
    pairs = zip(rounds, others, strict=True)
    return statistics.median(ratio(getattr(one, name), getattr(other, name)) for one, other in pairs)


def _accept(server: Running) -> Figures:
    requests = signed.requests(CALLS, server.port)
    before = cpu_seconds(server.pid)
    run = load.run(server.port, requests, CONNECTIONS)
    cpu = cpu_seconds(server.pid) - before
    if run.statuses[200] != CALLS:
        raise RuntimeError(f"not every call was accepted: {run.statuses}")
    return Figures(run.rate, cpu * 1000 / CALLS, run.latency(0.5) * 1000, run.latency(0.99) * 1000)


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
