"""How long an `OK` takes at 250 calls a second, while another account's backlog is sent, followed and called
back.

The backlog is 1,000 messages a second of account 1: each is handed to a Viber server, followed through a
delivered and a read receipt, and its three statuses are pushed. Account 2 makes the calls that are measured,
from a process of their own, each on a kept-alive connection. The latency is from the last byte of the call to
the whole answer. It is measured without the backlog, too, in the same run.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time

import uvloop

from bench import signed
from bench.outside import Outside
from bench.processes import cpu_seconds, running
from waypost.sandbox import fixture

CALLS_PER_SECOND = 250
BACKLOG_PER_SECOND = 1_000
SECONDS = 20
CONNECTIONS = 32
_RECEIPTS = f"/receipts/{fixture.VIBER_ROUTE}/{fixture.RECEIPTS_SECRET}"


def main() -> None:
    """Prints the latencies alone and beside the backlog."""
    uvloop.run(_measure())


async def _measure() -> None:
    outside = Outside(_RECEIPTS, 1 << 30)
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
        ) as service,
    ):
        await outside.connect(service.port)
        # What is loaded and opened with the first calls is not what is measured.
        await outside.run(iter(signed.requests(1_000, service.port)))
        alone = await _latencies(service.port)
        backlog = asyncio.create_task(_pace(outside, service.port))
        before, started = cpu_seconds(service.pid), time.perf_counter()
        beside = await _latencies(service.port)
        cpu = (cpu_seconds(service.pid) - before) / (time.perf_counter() - started)
        messages = await backlog
        for title, latencies in (("alone", alone), ("beside the backlog", beside)):
            print(
                f"{title}: {len(latencies):,} calls at {CALLS_PER_SECOND}/s: median "
                f"{_share(latencies, 0.5):.1f} ms, p99 {_share(latencies, 0.99):.1f} ms, "
                f"slowest {latencies[-1]:.1f} ms"
            )
        print(
            f"backlog: {messages / SECONDS:.0f} messages/s, {outside.statuses} statuses pushed, "
            f"{outside.refused} calls refused; the service took {100 * cpu:.0f} % of a core"
        )
        outside.close()


async def _pace(outside: Outside, port: int) -> int:
    """Makes calls at the rate of the backlog; how many messages are over in the end."""
    step = 0.02
    each = round(BACKLOG_PER_SECOND * step)
    calls = iter(signed.requests(BACKLOG_PER_SECOND * SECONDS, port))
    started = time.perf_counter()
    for number in range(round(SECONDS / step)):
        await asyncio.sleep(started + number * step - time.perf_counter())
        for _ in range(each):
            outside.call(next(calls))
    await outside.until_over()
    return BACKLOG_PER_SECOND * SECONDS


async def _latencies(port: int) -> list[float]:
    """The latencies of the measured calls in milliseconds, shortest first."""
    command = [sys.executable, "-m", "bench.latency", "--port", str(port), "--seconds", str(SECONDS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    latencies: list[float] = json.loads(output)
    return latencies


def _share(latencies: list[float], share: float) -> float:
    return latencies[min(len(latencies) - 1, int(share * len(latencies)))]


async def _call(port: int, seconds: int) -> None:
    """Makes the measured calls and prints their latencies."""
    calls = iter(
        signed.requests(CALLS_PER_SECOND * seconds, port, key="neighbour", From="30001", Label="transaction")
    )
    latencies: list[float] = []
    started = time.perf_counter() + 0.5

    async def caller(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for turn in range(number, CALLS_PER_SECOND * seconds, CONNECTIONS):
            call = next(calls)
            await asyncio.sleep(started + turn / CALLS_PER_SECOND - time.perf_counter())
            begun = time.perf_counter()
            writer.write(call)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            latencies.append((time.perf_counter() - begun) * 1000)
            if b'"Code":"OK"' not in body:
                raise RuntimeError(body.decode())
        writer.close()

    await asyncio.gather(*map(caller, range(CONNECTIONS)))
    print(json.dumps(sorted(latencies)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    options = parser.parse_args()
    if options.port is None:
        main()
    else:
        uvloop.run(_call(options.port, options.seconds))
