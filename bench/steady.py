"""Messages that one process carries, and their CPU, against the floor's in the same run.

    handed on    a signed call, made durable, and the message accepted by a Viber server
    end to end   the same, followed through a delivered and a read receipt, and three statuses pushed to a
                 customer's URL

Callers, Viber and customer share one other process (bench/outside.py), with as many messages under way as
`WINDOW`. The floor (bench/floor.py) and the service are measured in turn, each until the last message of its
round is over; a ratio is the median over the rounds. CPU seconds are those of the whole process.
"""

import asyncio
import sqlite3
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench import signed
from bench.outside import Outside
from bench.processes import Running, cpu_seconds, ratio, resident_mib, running
from waypost.sandbox import fixture
from waypost.sandbox.simulated_senders import RECEIPTS_SECRET

WINDOW = 1000
MESSAGES = 10_000
ROUNDS = 5
RECEIPTS = f"/receipts/{fixture.VIBER_ROUTE}/{RECEIPTS_SECRET}"


class Figures(NamedTuple):
    """One round of one server: messages a second, and CPU seconds for 1,000 of them."""

    rate: float
    cpu: float


class Server(NamedTuple):
    """A server under measurement, and what is outside it."""

    process: Running
    outside: Outside

    async def carry(self) -> Figures:
        """Runs messages through the server until the last one is over."""
        calls = signed.requests(MESSAGES, self.process.port)
        before = cpu_seconds(self.process.pid)
        seconds = await self.outside.run(iter(calls))
        cpu = cpu_seconds(self.process.pid) - before
        if self.outside.refused:
            raise RuntimeError(f"{self.outside.refused} calls were refused")
        return Figures(MESSAGES / seconds, cpu * 1000 / MESSAGES)


@asynccontextmanager
async def serving(
    name: str, data: str, *, reports: bool, within: Sequence[str] = ()
) -> AsyncIterator[Server]:
    """The floor or the service, with a Viber and a customer of its own.

    `within` is a module, and its arguments, that runs the server's: `bench.traced`.
    """
    outside = Outside(RECEIPTS if reports else "", WINDOW)
    loop = asyncio.get_running_loop()
    viber = await loop.create_server(outside.viber, "127.0.0.1", 0)
    customer = await loop.create_server(outside.customer, "127.0.0.1", 0)
    viber_port, customer_port = (one.sockets[0].getsockname()[1] for one in (viber, customer))
    with _process(within, name, data, viber_port, customer_port, reports=reports) as process:
        await outside.connect(process.port)
        yield Server(process, outside)
        outside.close()
    viber.close()
    customer.close()


def _process(
    within: Sequence[str], name: str, data: str, viber_port: int, customer_port: int, *, reports: bool
) -> AbstractContextManager[Running]:
    if name == "floor":
        return running(
            *within,
            "bench.floor",
            data=data,
            mode="whole" if reports else "send",
            viber_port=viber_port,
            customer_port=customer_port,
        )
    return running(
        *within,
        "bench.service",
        "service",
        data=data,
        viber_url=f"http://127.0.0.1:{viber_port}/vibersrvc/1/send_message",
        callback_url=f"http://127.0.0.1:{customer_port}/status" if reports else "",
    )


async def _compare(title: str, *, reports: bool) -> None:
    """Measures the floor and the service in turn, and prints the figures of both."""
    with tempfile.TemporaryDirectory() as bottom, tempfile.TemporaryDirectory() as data:
        async with (
            serving("floor", bottom, reports=reports) as floor,
            serving("service", data, reports=reports) as service,
        ):
            servers = {"floor": floor, "service": service}
            rounds: dict[str, list[Figures]] = {name: [] for name in servers}
            for number in range(ROUNDS + 1):
                for name, server in servers.items():
                    figures = await server.carry()
                    # In the first round connections are opened and code is loaded.
                    if number:
                        rounds[name].append(figures)
                        print(
                            f"{title}: {name:7} {figures.rate:6.0f} messages/s, "
                            f"{figures.cpu:.3f} CPU s for 1,000",
                            flush=True,
                        )
            _report(title, rounds["floor"], rounds["service"])
            print(
                f"{service.outside.statuses} statuses pushed; {_rows(Path(data))} rows left in the journal; "
                f"{resident_mib(service.process.pid):.0f} MiB\n"
            )


def _report(title: str, floor: Sequence[Figures], service: Sequence[Figures]) -> None:
    pairs = list(zip(service, floor, strict=True))
    rate = statistics.median(ratio(one.rate, other.rate) for one, other in pairs)
    cpu = statistics.median(ratio(one.cpu, other.cpu) for one, other in pairs)
    print(
        f"{title}, medians of {ROUNDS} rounds of {MESSAGES:,}: "
        f"{statistics.median(one.rate for one in service):.0f} messages/s, {rate:.3f} of the floor's "
        f"{statistics.median(one.rate for one in floor):.0f}; "
        f"{statistics.median(one.cpu for one in service):.4f} CPU s for 1,000, {cpu:.2f} of the floor's "
        f"{statistics.median(one.cpu for one in floor):.4f}"
    )


def _rows(data: Path) -> int:
    with closing(sqlite3.connect(data / "waypost.db")) as database:
        return int(database.execute("SELECT count(*) FROM journal").fetchone()[0])


def main() -> None:
    uvloop.run(_compare("handed on", reports=False))
    uvloop.run(_compare("end to end", reports=True))


if __name__ == "__main__":
    main()
