"""How long one call to 1,000 recipients takes until its `OK`, on an idle machine; the aim is 250 ms.

The service is the whole of Waypost with an empty store; its provider takes the first message and never
answers, with one message in flight at most. The call is made as the official Python SDK makes it, everything
in the query, on one connection, one call after the other. All 1,000 messages are accepted in one transaction,
so in one flush. In the same run the bare server answers the same request with a fixed body: it tells what the
transport costs from what Waypost does.
"""

import socket
import statistics
import tempfile

from bench import load, signed
from bench.processes import running

RECIPIENTS = 1000
ROUNDS = 21


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, tempfile.TemporaryDirectory() as data:
        viber_url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with (
            running("bench.service", "bare") as bare,
            running("bench.service", "service", data=data, viber_url=viber_url, concurrency=1) as service,
        ):
            floors, times = [], []
            for _ in range(ROUNDS):
                floors.append(_milliseconds(bare.port))
                times.append(_milliseconds(service.port))
    size = len(signed.mass_request(RECIPIENTS, service.port))
    print(
        f"{RECIPIENTS} recipients in one call of {size:,} bytes, medians of {ROUNDS}: OK after "
        f"{statistics.median(times):.0f} ms (fastest {min(times):.0f}, slowest {max(times):.0f}); the bare "
        f"server {statistics.median(floors):.1f} ms"
    )


def _milliseconds(port: int) -> float:
    run = load.run(port, [signed.mass_request(RECIPIENTS, port)], 1)
    if run.statuses[200] != 1:
        raise RuntimeError(f"the call was not accepted: {run.statuses}")
    return run.latencies[0] * 1000


if __name__ == "__main__":
    main()
