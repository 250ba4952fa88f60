"""How long a call waits for its `OK`, alone and beside another account's messages.

One account makes `CALLS_PER_SECOND` calls a second, whatever the answers; a call counts from the moment at
which it was to be made, so that a stall is felt by all calls that fall into it. Meanwhile another account's
messages are sent, followed through two receipts each and called back, at each of `RATES` a second. Both have
the same provider, customer and service; callers, provider and customer share one other process.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop

from bench import signed
from bench.outside import Outside
from bench.processes import Running, cpu_seconds, running
from bench.steady import RECEIPTS

CALLS_PER_SECOND = 250
RATES = (0, 500, 750, 1000)
SECONDS = 10.0
ROUNDS = 5
_CONNECTIONS = 64
_KEY, _SENDER = "neighbour", "30001"


class Caller:
    """Makes calls at the times at which they are due.

    Attributes:
        waits: how long each call waited for its answer since it was due, in seconds.
    """

    def __init__(self, port: int) -> None:
        self.waits: list[float] = []
        self._port = port
        self._due: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()

    async def make(self, count: int) -> None:
        """Makes calls, and returns when all are answered."""
        calls = signed.requests(count, self._port, key=_KEY, From=_SENDER)
        connections = [asyncio.create_task(self._answered()) for _ in range(_CONNECTIONS)]
        begun = time.perf_counter()
        for number, call in enumerate(calls):
            due = begun + number / CALLS_PER_SECOND
            await asyncio.sleep(due - time.perf_counter())
            self._due.put_nowait((due, call))
        for _ in connections:
            self._due.put_nowait(None)
        await asyncio.gather(*connections)

    async def _answered(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while (call := await self._due.get()) is not None:
            due, request = call
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            if b'"Code":"OK"' not in body:
                raise RuntimeError(f"a call was refused: {body!r}")
            self.waits.append(time.perf_counter() - due)
        writer.close()
        await writer.wait_closed()


async def _load(outside: Outside, port: int, rate: int) -> None:
    """Sends so many messages a second of the other account."""
    calls = signed.requests(int(rate * SECONDS), port)
    begun = time.perf_counter()
    for number, call in enumerate(calls):
        await asyncio.sleep(begun + number / rate - time.perf_counter())
        outside.call(call)


@asynccontextmanager
async def _service() -> AsyncIterator[tuple[Running, Outside]]:
    outside = Outside(RECEIPTS, 1)
    loop = asyncio.get_running_loop()
    viber = await loop.create_server(outside.viber, "127.0.0.1", 0)
    customer = await loop.create_server(outside.customer, "127.0.0.1", 0)
    viber_port, customer_port = (one.sockets[0].getsockname()[1] for one in (viber, customer))
    with (
        tempfile.TemporaryDirectory() as data,
        running(
            "bench.service",
            "service",
            data=data,
            viber_url=f"http://127.0.0.1:{viber_port}/vibersrvc/1/send_message",
            callback_url=f"http://127.0.0.1:{customer_port}/status",
        ) as process,
    ):
        await outside.connect(process.port)
        yield process, outside
        outside.close()
    viber.close()
    customer.close()


async def _measure(rounds: int) -> None:
    async with _service() as (process, outside):
        figures: dict[int, list[tuple[float, float, float]]] = {rate: [] for rate in RATES}
        for number in range(rounds + 1):
            for rate, measured in figures.items():
                caller = Caller(process.port)
                before = cpu_seconds(process.pid)
                making = caller.make(int(CALLS_PER_SECOND * SECONDS))
                await asyncio.gather(making, _load(outside, process.port, rate))
                cpu = (cpu_seconds(process.pid) - before) / SECONDS
                # In the first round connections are opened and code is loaded.
                if number:
                    waits = sorted(caller.waits)
                    p99 = waits[int(0.99 * len(waits))]
                    measured.append((statistics.median(waits) * 1000, p99 * 1000, cpu))
        for rate, measured in figures.items():
            median, p99, cpu = (statistics.median(each) for each in zip(*measured, strict=True))
            print(
                f"{CALLS_PER_SECOND} calls/s beside {rate:4} messages/s end to end: median {median:.1f} ms, "
                f"p99 {p99:.1f} ms, {cpu:.2f} of a processor (medians of {rounds} rounds of {SECONDS:.0f} s)",
                flush=True,
            )


def main() -> None:
    uvloop.run(_measure(ROUNDS))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    uvloop.run(_measure(parser.parse_args().rounds))
