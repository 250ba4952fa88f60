"""Messages that one process carries, and their CPU, against the floor's in the same run.

    handed on    a signed call, made durable, and the message accepted by a Viber server
    end to end   the same, followed through a delivered and a read receipt, and three statuses pushed to a
                 customer's URL
    slow         handed on to a provider that takes 100 ms, in a route whose width is full: so each message
                 is claimed from the journal; against the floor that hands on to a quick provider

`python -m bench.steady [KIND…] [--rounds N] [--messages N]`. Callers, Viber and customer share one other
process (bench/outside.py), with as many messages under way as `WINDOW`. The floor (bench/floor.py) and the
service are measured in turn, each until the last message of its round is over; a ratio is the median over the
rounds. CPU seconds are those of the whole process.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from bench import signed
from bench.outside import Outside
from bench.processes import Running, cpu_seconds, ratio, resident_mib, running
from waypost.sandbox import fixture
from waypost.sandbox.simulated_senders import RECEIPTS_SECRET

WINDOW = 1000
MESSAGES = 10_000
ROUNDS = 5
SLOW_S = 0.1
SLOW_WIDTH = 48
_WIDTH = 256
RECEIPTS = f"/receipts/{fixture.VIBER_ROUTE}/{RECEIPTS_SECRET}"


class Figures(NamedTuple):
    """One round of one server: messages a second, and CPU seconds for 1,000 of them."""

    rate: float
    cpu: float


class Server(NamedTuple):
    """A server under measurement, and what is outside it."""

    process: Running
    outside: Outside

    async def carry(self, messages: int) -> Figures:
        """Runs messages through the server until the last one is over."""
        calls = signed.requests(messages, self.process.port)
        before = cpu_seconds(self.process.pid)
        seconds = await self.outside.run(iter(calls))
        cpu = cpu_seconds(self.process.pid) - before
        if self.outside.refused:
            raise RuntimeError(f"{self.outside.refused} calls were refused")
        return Figures(messages / seconds, cpu * 1000 / messages)


@asynccontextmanager
async def serving(
    name: str, data: str, *, reports: bool, slow: bool = False, within: Sequence[str] = ()
) -> AsyncIterator[Server]:
    """The floor or the service, with a Viber and a customer of its own.

    `within` is a module, and its arguments, that runs the server's: `bench.traced`.
    """
    outside = Outside(RECEIPTS if reports else "", WINDOW, SLOW_S if slow else 0.0)
    loop = asyncio.get_running_loop()
    viber = await loop.create_server(outside.viber, "127.0.0.1", 0)
    customer = await loop.create_server(outside.customer, "127.0.0.1", 0)
    viber_port, customer_port = (one.sockets[0].getsockname()[1] for one in (viber, customer))
    if name == "floor":
        arguments: tuple[str, ...] = ("bench.floor",)
        options: dict[str, Any] = {
            "mode": "whole" if reports else "send",
            "viber_port": viber_port,
            "customer_port": customer_port,
        }
    else:
        arguments = ("bench.service", "service")
        options = {
            "viber_url": f"http://127.0.0.1:{viber_port}/vibersrvc/1/send_message",
            "callback_url": f"http://127.0.0.1:{customer_port}/status" if reports else "",
            "concurrency": SLOW_WIDTH if slow else _WIDTH,
        }
    with running(*within, *arguments, data=data, **options) as process:
        await outside.connect(process.port)
        yield Server(process, outside)
        outside.close()
    viber.close()
    customer.close()


async def _compare(kind: str, rounds: int, messages: int) -> None:
    """Measures the floor and the service in turn, and prints the figures of both."""
    reports, slow = kind == "end-to-end", kind == "slow"
    with tempfile.TemporaryDirectory() as bottom, tempfile.TemporaryDirectory() as data:
        async with (
            serving("floor", bottom, reports=reports) as floor,
            serving("service", data, reports=reports, slow=slow) as service,
        ):
            servers = {"floor": floor, "service": service}
            measured: dict[str, list[Figures]] = {name: [] for name in servers}
            for number in range(rounds + 1):
                for name, server in servers.items():
                    figures = await server.carry(messages)
                    # In the first round connections are opened and code is loaded.
                    if number:
                        measured[name].append(figures)
                        print(
                            f"{kind}: {name:7} {figures.rate:6.0f} messages/s, "
                            f"{figures.cpu:.3f} CPU s for 1,000",
                            flush=True,
                        )
            _report(
                f"{kind}, medians of {rounds} rounds of {messages:,}", measured["floor"], measured["service"]
            )
            print(
                f"{service.outside.statuses} statuses pushed; {_rows(Path(data))} rows left in the journal; "
                f"{resident_mib(service.process.pid):.0f} MiB\n"
            )


def _report(title: str, floor: Sequence[Figures], service: Sequence[Figures]) -> None:
    pairs = list(zip(service, floor, strict=True))
    rate = statistics.median(ratio(one.rate, other.rate) for one, other in pairs)
    cpu = statistics.median(ratio(one.cpu, other.cpu) for one, other in pairs)
    print(
        f"{title}: {statistics.median(one.rate for one in service):.0f} messages/s, {rate:.3f} of the "
        f"floor's {statistics.median(one.rate for one in floor):.0f}; "
        f"{statistics.median(one.cpu for one in service):.4f} CPU s for 1,000, {cpu:.2f} of the floor's "
        f"{statistics.median(one.cpu for one in floor):.4f}"
    )


def _rows(data: Path) -> int:
    with closing(sqlite3.connect(data / "waypost.db")) as database:
        return int(database.execute("SELECT count(*) FROM journal").fetchone()[0])


KINDS = ("handed-on", "end-to-end", "slow")


def main(kinds: Sequence[str] = KINDS, rounds: int | None = None, messages: int | None = None) -> None:
    for kind in kinds:
        uvloop.run(_compare(kind, rounds or ROUNDS, messages or MESSAGES))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", metavar="|".join(KINDS))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--messages", type=int)
    options = parser.parse_args()
    main(options.kinds or KINDS, options.rounds, options.messages)
