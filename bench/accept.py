"""Durable accepts a second, against the bare server answering the same requests in the same run.

The bare server is Granian with an ASGI application that reads nothing and answers one fixed body; the service
is the whole of Waypost: signature, nonce, throttle, access, validation, and a flush to disk before each `OK`.
Its provider takes the first message and never answers, with one message in flight at most, so that intake is
what is measured; `bench/steady` measures everything at once. The load generator has the other core.
"""

import socket
import statistics
import tempfile

from bench import load, signed
from bench.service import resident_mib, running

CONNECTIONS = 128
CALLS = 20_000
ROUNDS = 5


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, tempfile.TemporaryDirectory() as data:
        viber_url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with (
            running("bare") as (bare_port, _),
            running("service", data=data, viber_url=viber_url, concurrency=1) as (port, pid),
        ):
            idle = resident_mib(pid)
            bare_rates, rates, ratios, tails = [], [], [], []
            for _ in range(ROUNDS):
                bare = load.run(bare_port, signed.requests(CALLS, bare_port), CONNECTIONS)
                accepted = load.run(port, signed.requests(CALLS, port), CONNECTIONS)
                assert accepted.statuses[200] == CALLS, accepted.statuses
                bare_rates.append(bare.rate)
                rates.append(accepted.rate)
                ratios.append(accepted.rate / bare.rate)
                tails.append(accepted.latency(0.99) * 1000)
                print(
                    f"bare {bare.rate:7.0f}/s   durable accepts {accepted.rate:6.0f}/s   "
                    f"ratio {ratios[-1]:.3f}   p50 {accepted.latency(0.5) * 1000:.1f} ms   "
                    f"p99 {tails[-1]:.1f} ms",
                    flush=True,
                )
            print(
                f"\nmedian of {ROUNDS}: {statistics.median(rates):.0f} durable accepts/s, "
                f"{statistics.median(ratios):.3f} of the bare server's {statistics.median(bare_rates):.0f}/s, "
                f"p99 {statistics.median(tails):.1f} ms; idle memory {idle:.0f} MiB, "
                f"after {ROUNDS * CALLS} calls {resident_mib(pid):.0f} MiB"
            )


if __name__ == "__main__":
    main()
