"""A simulated Viber in a process of its own, for the test that kills it: prints its address and serves."""

import asyncio
import sys
from pathlib import Path

from waypost.clock import SystemClock
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.viber_server import ViberServer


async def main(data: str) -> None:
    network = PhoneNetwork(Path(data) / "world.db", SystemClock(), {1234: "http://127.0.0.1:1/nobody"})
    server = ViberServer(network, {1234})
    await network.start()
    await server.start()
    print(server.url, flush=True)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1]))
