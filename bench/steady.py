"""End-to-end messages a second that one process sustains: accepted, sent, two receipts, three callbacks.

Each message is a signed call, made durable, handed to a Viber server, followed through a delivered and a read
receipt, and its three statuses are pushed to a customer's URL. Callers, Viber and customer share one other
process (bench/outside.py), with as many messages under way as `WINDOW`. The bare server answering the same
calls in the same run is the floor.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

import uvloop

from bench import load, signed
from bench.outside import Outside
from bench.service import a_free_port, resident_mib, running
from waypost.sandbox import fixture

WINDOW = 1000
WARM_UP = 5.0
SLICE = 5.0
SLICES = 6
CALLS = 60_000


async def _measure(data: Path, outside: Outside) -> tuple[list[float], list[int]]:
    rates, backlogs = [], []
    with closing(sqlite3.connect(data / "waypost.db")) as database:
        await asyncio.sleep(WARM_UP)
        for _ in range(SLICES):
            before, started = outside.completed, time.perf_counter()
            await asyncio.sleep(SLICE)
            rates.append((outside.completed - before) / (time.perf_counter() - started))
            backlogs.append(database.execute("SELECT count(*) FROM journal").fetchone()[0])
            print(f"{rates[-1]:6.0f} messages/s   rows in the journal {backlogs[-1]}", flush=True)
    return rates, backlogs


async def _run() -> None:
    viber_port, customer_port = a_free_port(), a_free_port()
    with (
        tempfile.TemporaryDirectory() as data,
        running("bare") as bare_server,
        running(
            "service",
            data=data,
            viber_url=f"http://127.0.0.1:{viber_port}/vibersrvc/1/send_message",
            callback_url=f"http://127.0.0.1:{customer_port}/status",
        ) as service,
    ):
        port = service.port
        bare = load.run(bare_server.port, signed.requests(20_000, bare_server.port), 128)
        receipts = f"/receipts/{fixture.VIBER_ROUTE}/{fixture.RECEIPTS_SECRET}"
        outside = Outside(port, receipts, iter(signed.requests(CALLS, port)), WINDOW)
        await outside.listen(viber_port, customer_port)
        await outside.start()
        rates, backlogs = await _measure(Path(data), outside)
        outside.stop()
        print(
            f"\nmedian of {SLICES} slices of {SLICE:g} s: {statistics.median(rates):.0f} messages/s end to "
            f"end, {statistics.median(rates) / bare.rate:.4f} of the bare server's {bare.rate:.0f}/s; "
            f"{outside.statuses} statuses pushed, {outside.refused} calls refused; journal between "
            f"{min(backlogs)} and {max(backlogs)} rows; {resident_mib(service.pid):.0f} MiB"
        )


def main() -> None:
    uvloop.run(_run())


if __name__ == "__main__":
    main()
