"""What routes do to one another: a provider that is down, a route at its full rate, accounts that share one.

    accepting    durable accepts a second while their provider is down, against one that takes a connection
                 and never answers; the aim is 0.9
    neighbours   how long a message of another account needs from its call to its own provider, beside as
                 many messages for a provider that hangs, answers 429 or is down; the aim is within a fifth of
                 what it needs without them. In the same turns: beside as many for a provider that works,
                 which shows what is the failing provider's and what its account's calls', and without any
                 once more, which shows the noise
    full rate    the same for a transaction while so many promotions wait for its route, which has a rate;
                 the aim is 250 ms for 99 of 100
    shares       what of each second two accounts have whose promotions wait for one route; the aim is 45 %

`python -m bench.routes [PART…]` runs all or the named ones (`full-rate` with a hyphen). Providers and callers
are in this process; rates of calls are low, so that it is latency that is measured.
"""

import asyncio
import itertools
import json
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench import load, signed
from bench.backlog import SENDERS, TTL_S, fill
from bench.outside import Connections, Viber
from bench.processes import Running, running

CALLS = 5_000
CONNECTIONS = 64
ROUNDS = 5
WAITING = 1_000_000
SHARED = 100_000
RATE = 500
SECONDS = 20
CALLS_PER_SECOND = 50
# The p99 of a turn is that of 600 calls.
TURN_SECONDS = 12.0
# After the last call of a turn, in seconds.
SETTLE_SECONDS = 1.0
_KEYS = {"1": "sandbox", "2": "neighbour"}
_TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n"


class Arrival(NamedTuple):
    """A message that a provider got; `at` is in seconds of this process."""

    at: float
    sender: str
    recipient: str


class Provider(Viber):
    """Accepts messages, and notes when each came.

    Args:
        arrivals: where they are noted.
    """

    def __init__(self, arrivals: list[Arrival]) -> None:
        super().__init__(None, lambda: None)
        self._arrivals = arrivals

    def message(self, body: bytes) -> None:
        submitted = json.loads(body)
        self._arrivals.append(Arrival(time.perf_counter(), str(submitted["service_id"]), submitted["dest"]))
        super().message(body)


class Overloaded(asyncio.Protocol):
    """Answers 429 to whatever comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write: Callable[[bytes], None] = transport.write  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._write(_TOO_MANY)


@asynccontextmanager
async def _listening(protocol: Callable[[], asyncio.BaseProtocol]) -> AsyncIterator[str]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    try:
        yield _url(server.sockets[0].getsockname()[1])
    finally:
        server.close()


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}/vibersrvc/1/send_message"


@contextmanager
def _silent() -> Iterator[str]:
    """A provider that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as server:
        yield _url(server.getsockname()[1])


def _measure_accepting() -> None:
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        _silent() as silent,
        running("bench.service", "service", data=one, viber_url=silent) as hanging,
        running("bench.service", "service", data=other, viber_url=_url(9)) as down,
    ):
        rates: dict[int, list[float]] = {hanging.pid: [], down.pid: []}
        for number in range(ROUNDS + 1):
            for service in (hanging, down):
                calls = signed.requests(CALLS, service.port, Ttl=str(TTL_S))
                rate = load.run(service.port, calls, CONNECTIONS).rate
                # In the first round the breakers open.
                if number:
                    rates[service.pid].append(rate)
        ratios = [one / other for one, other in zip(rates[down.pid], rates[hanging.pid], strict=True)]
        print(
            f"accepting: {statistics.median(rates[down.pid]):.0f}/s while the provider is down, "
            f"{statistics.median(rates[hanging.pid]):.0f}/s while it is silent; median ratio of {ROUNDS} "
            f"rounds {statistics.median(ratios):.2f}",
            flush=True,
        )


class Calls:
    """Calls of an account at a steady rate, each to a recipient of its own."""

    def __init__(self, service: Running, account: str, label: str, first: int) -> None:
        self._service = service
        self._account = account
        self._label = label
        self._numbers = itertools.count(first)
        self.sent: dict[str, float] = {}

    async def make(self, count: int, per_second: float) -> None:
        """Makes so many calls; they are signed before the first one.

        They come at random moments: callers who know nothing of each other neither meet nor miss each other
        on purpose.
        """
        port, account = self._service.port, self._account
        recipients = [f"4915{next(self._numbers):07d}0002" for _ in range(count)]
        calls = [
            signed.requests(
                1,
                port,
                key=_KEYS[account],
                To=recipient,
                From=SENDERS[account],
                Label=self._label,
                Ttl=str(TTL_S),
            )[0]
            for recipient in recipients
        ]
        connections = Connections(port, _check)
        await connections.open(16)
        started = time.perf_counter()
        moments = sorted(random.uniform(0, count / per_second) for _ in range(count))
        for moment, recipient, call in zip(moments, recipients, calls, strict=True):
            await asyncio.sleep(max(0.0, started + moment - time.perf_counter()))
            self.sent[recipient] = time.perf_counter()
            connections.send(call)
        await asyncio.sleep(SETTLE_SECONDS)
        connections.close()


def _check(body: bytes) -> None:
    if b'"Code":"OK"' not in body:
        raise RuntimeError(f"a call was refused: {body!r}")


def _p99_ms(calls: Calls, arrivals: Sequence[Arrival]) -> float:
    """The 99th percentile from call to provider; a message that never came counts as infinitely late."""
    came = {arrival.recipient.lstrip("+"): arrival.at for arrival in arrivals}
    late = sorted(came.get(recipient, float("inf")) - at for recipient, at in calls.sent.items())
    return late[int(0.99 * len(late))] * 1000


async def _measure_neighbours() -> None:
    with _silent() as silent:
        async with _listening(Overloaded) as overloaded, _listening(lambda: Provider([])) as working:
            for name, url in (("hangs", silent), ("answers 429", overloaded), ("is down", _url(9))):
                await _measure_beside(name, url, working)


async def _measure_beside(name: str, failing: str, working: str) -> None:
    arrivals: list[Arrival] = []
    async with _listening(lambda: Provider(arrivals)) as other:
        with (
            tempfile.TemporaryDirectory() as one,
            tempfile.TemporaryDirectory() as two,
            running("bench.service", "service", data=one, viber_url=failing, other_url=other) as disturbed,
            running("bench.service", "service", data=two, viber_url=working, other_url=other) as busy,
        ):
            turns = {"alone": (disturbed, False), "beside": (disturbed, True)}
            turns |= {"working": (busy, True), "alone again": (disturbed, False)}
            figures: dict[str, list[float]] = {turn: [] for turn in turns}
            first = itertools.count(0, 100_000)
            for number in range(ROUNDS + 1):
                for turn, (service, shared) in turns.items():
                    calls = Calls(service, "2", "transaction", next(first))
                    count = int(TURN_SECONDS * CALLS_PER_SECOND)
                    making = [calls.make(count, CALLS_PER_SECOND)]
                    if shared:
                        neighbour = Calls(service, "1", "promotion", next(first))
                        making.append(neighbour.make(count, CALLS_PER_SECOND))
                    await asyncio.gather(*making)
                    # In the first round connections are opened and code is loaded.
                    if number:
                        figures[turn].append(_p99_ms(calls, arrivals))
            _report_neighbours(name, figures)


def _report_neighbours(name: str, figures: Mapping[str, Sequence[float]]) -> None:
    ratios = {
        turn: statistics.median(map(_ratio, measured, figures["alone"])) for turn, measured in figures.items()
    }
    against = statistics.median(map(_ratio, figures["beside"], figures["working"]))
    print(
        f"neighbours of a provider that {name}: p99 {statistics.median(figures['beside']):.1f} ms, alone "
        f"{statistics.median(figures['alone']):.1f} ms; medians of {ROUNDS} turns: {ratios['beside']:.2f} of "
        f"alone, {against:.2f} of beside a provider that works, which is {ratios['working']:.2f} of alone; "
        f"two turns alone {ratios['alone again']:.2f}",
        flush=True,
    )


def _ratio(one: float, other: float) -> float:
    return one / other


@asynccontextmanager
async def _laden(counts: dict[str, int], rate: int) -> AsyncIterator[tuple[Running, list[Arrival]]]:
    """A service with promotions waiting, and what its provider gets."""
    arrivals: list[Arrival] = []
    with tempfile.TemporaryDirectory() as data:
        await fill(Path(data), counts)
        async with _listening(lambda: Provider(arrivals)) as viber:
            with running("bench.service", "service", data=data, viber_url=viber, rate=rate) as service:
                yield service, arrivals


async def _measure_full_rate() -> None:
    for rate in (RATE, 0):
        async with _laden({"1": WAITING}, rate) as (service, arrivals):
            calls = Calls(service, "2", "transaction", 0)
            await calls.make(SECONDS * CALLS_PER_SECOND, CALLS_PER_SECOND)
            p99 = _p99_ms(calls, arrivals)
            p50 = statistics.median(
                arrival.at - calls.sent[recipient]
                for arrival in arrivals
                if (recipient := arrival.recipient.lstrip("+")) in calls.sent
            )
            per_second = len(arrivals) / (arrivals[-1].at - arrivals[0].at)
            print(
                f"full rate: {WAITING:,} promotions waiting for a route of "
                f"{f'{rate} a second' if rate else 'any rate'}, {per_second:.0f}/s handed on: "
                f"a transaction is with the provider after "
                f"{p99:.0f} ms (p99), median {p50 * 1000:.0f} ms",
                flush=True,
            )


async def _measure_shares() -> None:
    for rate in (RATE, 0):
        async with _laden({"1": SHARED, "2": SHARED}, rate) as (_, arrivals):
            await asyncio.sleep(SECONDS)
            shares = _shares(arrivals, SENDERS["1"])
            print(
                f"shares: two accounts with {SHARED:,} promotions each, "
                f"{f'{rate} a second' if rate else 'any rate'}: of {len(shares):,} seconds that begin with a "
                f"message the least share is {min(min(shares), 1 - max(shares)):.3f}, the median "
                f"{statistics.median(shares):.3f}",
                flush=True,
            )


def _shares(arrivals: Sequence[Arrival], sender: str) -> list[float]:
    """The share of a sender in each whole second that begins with a message."""
    shares, of_sender, last = [], 0, 0
    for first, arrival in enumerate(arrivals):
        if arrival.at + 1 > arrivals[-1].at:
            break
        while arrivals[last].at < arrival.at + 1:
            of_sender += arrivals[last].sender == sender
            last += 1
        shares.append(of_sender / (last - first))
        of_sender -= arrival.sender == sender
    return shares


PARTS: dict[str, Callable[[], None]] = {
    "accepting": _measure_accepting,
    "neighbours": lambda: uvloop.run(_measure_neighbours()),
    "full-rate": lambda: uvloop.run(_measure_full_rate()),
    "shares": lambda: uvloop.run(_measure_shares()),
}


def main(parts: Iterable[str] = PARTS) -> None:
    for part in parts:
        PARTS[part]()


if __name__ == "__main__":
    main(sys.argv[1:] or PARTS)
