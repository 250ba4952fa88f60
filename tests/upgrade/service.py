"""`waypost serve` whose time passes only on request, a process of its own; its arguments are SETTINGS START.

Beside the service's own paths, `GET /still` returns the time and what is due next, and `POST /still/move`
moves the time on; both answer once nothing is due any more.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.sandbox.sandbox_network import StillClock
from waypost.config.loading import load
from waypost.server import logs
from waypost.server.app import Waypost
from waypost.server.http import listen, port_of, serve
from waypost.storage.data_lock import hold_data_folder

_POLL_INTERVAL = 0.002


class StillTime:
    """The two paths."""

    def __init__(self, service: Waypost, clock: StillClock) -> None:
        self._service = service
        self._clock = clock

    async def show(self, _: Request) -> Response:
        while True:
            due = await self._service.store.earliest_due()
            if due is None or due > self._clock.now():
                return JSONResponse({"now": self._clock.now(), "due": due})
            await asyncio.sleep(_POLL_INTERVAL)

    async def move(self, request: Request) -> Response:
        self._clock.move_to((await request.json())["to"])
        return await self.show(request)


async def main(config: Path, start: int) -> None:
    settings = load(config)
    logs.configure_logging(settings.log)
    clock = StillClock(start)
    with listen(settings.server.host, 0) as listener, hold_data_folder(Path(settings.store.data)):
        address = f"http://127.0.0.1:{port_of(listener)}"

        def paths(service: Waypost) -> Sequence[BaseRoute]:
            still = StillTime(service, clock)
            return [Route("/still", still.show), Route("/still/move", still.move, methods=["POST"])]

        service = Waypost(settings, clock, address, paths)
        await service.start()
        await serve(
            service,
            listener,
            ready=lambda: print(f"waypost ready on {address}", flush=True),
            stop=service.stop,
        )


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
