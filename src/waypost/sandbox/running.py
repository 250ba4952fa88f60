"""A whole sandbox: the service, the simulated providers and the handsets, in one process."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from starlette.routing import BaseRoute

from waypost.app import Waypost
from waypost.sandbox import fixture
from waypost.sandbox.control import Control
from waypost.sandbox.sms_gateway import SmsGateway
from waypost.sandbox.time_travel import TimeTravel, remembered_clock
from waypost.sandbox.viber_server import ViberServer
from waypost.sandbox.world import World
from waypost.serving import free_port, serve
from waypost.settings import Settings, load


class Sandbox:
    """A sandbox on one address.

    Args:
        data: the folder it keeps everything in.
        limit: calls a second for each account; 0 for none.
        callback_url: where all accounts push to; empty to keep the callbacks for `GET /sandbox/callbacks`.
    """

    def __init__(self, host: str, port: int, data: Path, *, limit: int, callback_url: str = "") -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.host = host
        self.port = free_port(host, port)
        self.address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self.port}"
        self._data = data
        self._limit = limit
        self._callback_url = callback_url
        self._clock = remembered_clock(data / "clock.json")
        receipts = f"{self.address}/receipts/{fixture.VIBER_ROUTE}/{fixture.RECEIPTS_SECRET}"
        self._world = World(
            data / "world.db",
            self._clock,
            {int(sender): receipts for sender in fixture.VIBER_SENDERS},
            callback_origin=self.address,
        )
        self._viber = ViberServer(self._world, [int(sender) for sender in fixture.VIBER_SENDERS])
        self._sms = SmsGateway(self._world, fixture.SMS_USERNAME, fixture.SMS_PASSWORD)

    async def run(self) -> None:
        """Runs until SIGTERM or SIGINT; says so on standard output when it is ready."""
        await self._viber.start()
        await self._sms.start()
        service = Waypost(self._settings(), self._clock, self.address, self._control)
        await service.store.transact(lambda tx: tx.put_entries(fixture.entries(service.box), fixture.ORIGIN))
        await service.start()
        await self._world.start()

        async def stop() -> None:
            await service.stop()
            await self._viber.close()
            await self._sms.close()
            await self._world.close()

        await serve(service, self.host, self.port, ready=self._say_ready, stop=stop)

    def _control(self, service: Waypost) -> Sequence[BaseRoute]:
        travel = TimeTravel(self._clock, service.store, self._world)
        return Control(self._clock, service.store, self._world, travel).routes()

    def _settings(self) -> Settings:
        # From the defaults alone: no file and no environment can lead a sandbox to a real provider.
        defaults = load(None, {})
        replace = msgspec.structs.replace
        return replace(
            defaults,
            server=replace(defaults.server, host=self.host, port=self.port),
            store=replace(defaults.store, data=str(self._data)),
            limits=replace(defaults.limits, calls_per_second=self._limit),
            routes=fixture.routes(self._viber.url, self._sms.url),
            accounts=fixture.with_callback_url(self._callback_url),
        )

    def _say_ready(self) -> None:
        print(f"waypost sandbox ready on {self.address}", flush=True)  # noqa: T201


async def run(host: str, port: int, data: Path | None, *, limit: int, callback_url: str = "") -> None:
    """Runs a sandbox; without a folder, in one that is gone afterwards.

    Raises:
        CannotListenError: the address is taken.
    """
    if data is not None:
        await Sandbox(host, port, data, limit=limit, callback_url=callback_url).run()
        return
    with tempfile.TemporaryDirectory(prefix="waypost-sandbox-") as folder:
        await Sandbox(host, port, Path(folder), limit=limit, callback_url=callback_url).run()
