"""The service of 9fc7a0b, whose time stands still: as `tests/upgrade/service.py`, with reviews besides.

It stays as it is when that one is changed: it runs on the code of 9fc7a0b alone.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from waypost import logs
from waypost.app import Waypost
from waypost.clock import MovableClock
from waypost.delivery import reviewer, sender_review
from waypost.holding import held
from waypost.serving import listen, port_of, serve
from waypost.settings import load


class StillClock(MovableClock):
    def __init__(self, start: int) -> None:
        super().__init__()
        self._start = start

    def now(self) -> int:
        return self._start + self.offset


class Control:
    def __init__(self, service: Waypost, clock: StillClock) -> None:
        self._service = service
        self._clock = clock

    async def show(self, _: Request) -> Response:
        while True:
            due = await self._service.store.earliest_due()
            if due is None or due > self._clock.now():
                return JSONResponse({"now": self._clock.now(), "due": due})
            await asyncio.sleep(0.002)

    async def move(self, request: Request) -> Response:
        self._clock.move_to((await request.json())["to"])
        return await self.show(request)

    async def review_template(self, request: Request) -> Response:
        wanted = await request.json()
        directory = await self._directory()
        waiting = [one for one in directory.unreviewed() if one.code == wanted["code"]]
        outcome = wanted["status"], wanted["reason"]
        assert waiting
        for one in waiting:
            await self._service.store.transact(
                lambda tx, one=one: reviewer.review(tx, one, outcome, directory, self._clock.now())
            )
        await self._service.directory.refresh()
        return JSONResponse({})

    async def review_sender(self, request: Request) -> Response:
        wanted = await request.json()
        directory = await self._directory()
        waiting = next(one for one in sender_review.waiting(directory) if one.id == wanted["number"])
        new = sender_review.NewSender(wanted["service"], "viber-main") if wanted["service"] else None
        outcome = wanted["status"], wanted["reason"]
        await self._service.store.transact(
            lambda tx: sender_review.review(tx, waiting, outcome, directory, self._clock.now(), new)
        )
        await self._service.directory.refresh()
        return JSONResponse({})

    async def _directory(self) -> "object":
        await self._service.directory.refresh()
        return self._service.directory.current()


async def main(config: Path, start: int) -> None:
    settings = load(config)
    logs.set_up(settings.log)
    clock = StillClock(start)
    with listen(settings.server.host, 0) as listener, held(Path(settings.store.data)):
        address = f"http://127.0.0.1:{port_of(listener)}"

        def paths(service: Waypost) -> Sequence[BaseRoute]:
            control = Control(service, clock)
            return [
                Route("/still", control.show),
                Route("/still/move", control.move, methods=["POST"]),
                Route("/review/template", control.review_template, methods=["POST"]),
                Route("/review/sender", control.review_sender, methods=["POST"]),
            ]

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
