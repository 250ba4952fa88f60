"""How long a call waits for its `OK`, alone and beside another account's messages.

One account makes `CALLS_PER_SECOND` calls a second, whatever the answers; a call counts from the moment at
which it was to be made, so that a stall is felt by all calls that fall into it. Each is handed to a provider
of its own. Meanwhile another account's backlog is sent at each of `RATES` a second, followed through two
receipts a message and called back. Callers, providers and customers share one other process.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from bench import signed
from bench.backlog import SENDERS, fill
from bench.outside import Outside
from bench.processes import Running, cpu_seconds, running
from bench.steady import RECEIPTS

CALLS_PER_SECOND = 250
RATES = (0, 500, 750, 1000)
SECONDS = 10.0
ROUNDS = 5
_CONNECTIONS = 64
_KEY = "neighbour"


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
        calls = signed.requests(count, self._port, key=_KEY, From=SENDERS["2"])
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


@asynccontextmanager
async def _service(rate: int) -> AsyncIterator[tuple[Running, Outside]]:
    """A service that sends a backlog at a rate, and what is outside it."""
    followed, taken = Outside(RECEIPTS, 1), Outside("", 1)
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(protocol, "127.0.0.1", 0)
        for protocol in (followed.viber, taken.viber, followed.customer)
    ]
    viber, other, customer = (f"http://127.0.0.1:{one.sockets[0].getsockname()[1]}" for one in servers)
    with tempfile.TemporaryDirectory() as data:
        # More than is sent until the last round is over.
        await fill(Path(data), {"1": int(rate * SECONDS * (ROUNDS + 2))})
        with running(
            "bench.service",
            "service",
            data=data,
            viber_url=f"{viber}/vibersrvc/1/send_message",
            other_url=f"{other}/vibersrvc/1/send_message",
            callback_url=f"{customer}/status",
            rate=rate,
        ) as process:
            await followed.connect(process.port)
            yield process, followed
            followed.close()
    for one in servers:
        one.close()


async def _measure() -> None:
    for rate in RATES:
        async with _service(rate) as (process, outside):
            figures = [await _round(process, outside) for _ in range(ROUNDS + 1)]
        # In the first round connections are opened and code is loaded.
        median, p99, cpu, ended = (statistics.median(each) for each in zip(*figures[1:], strict=True))
        print(
            f"{CALLS_PER_SECOND} calls/s beside {ended:.0f} messages/s of {rate}: median {median:.1f} ms, "
            f"p99 {p99:.1f} ms, {cpu:.2f} of a processor (medians of {ROUNDS} rounds of {SECONDS:.0f} s)",
            flush=True,
        )


async def _round(process: Running, outside: Outside) -> tuple[float, float, float, float]:
    """Median and 99th percentile in milliseconds, processors, and messages a second that were followed to
    their end."""
    caller, cpu, statuses = Caller(process.port), cpu_seconds(process.pid), outside.statuses
    begun = time.perf_counter()
    await caller.make(int(CALLS_PER_SECOND * SECONDS))
    seconds = time.perf_counter() - begun
    waits = sorted(caller.waits)
    # One status of each call's message, and three of each other one.
    followed = (outside.statuses - statuses - len(waits)) / 3
    return (
        statistics.median(waits) * 1000,
        waits[int(0.99 * len(waits))] * 1000,
        (cpu_seconds(process.pid) - cpu) / seconds,
        max(0.0, followed / seconds),
    )


def main() -> None:
    uvloop.run(_measure())


if __name__ == "__main__":
    main()
