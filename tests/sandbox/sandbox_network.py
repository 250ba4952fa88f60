"""What is outside Waypost, for a test: simulated providers, phones, the real connectors, and a webhook."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from waypost.clock import MovableClock
from waypost.connectors.contract import Connector, Submission, Webhook
from waypost.connectors.kannel.connector import KannelConnector
from waypost.connectors.viber.connector import ViberConnector
from waypost.model.message.outcomes import Report
from waypost.outbound.client import HttpClient
from waypost.sandbox.loopback import Loopback
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.sms_gateway import SmsGateway
from waypost.sandbox.viber_server import ViberServer

START = 1_800_000_000_000
SERVICE = 1234


class StillClock(MovableClock):
    """A movable clock on which time passes only by moving, so that every moment is exact."""

    def __init__(self, start: int = START) -> None:
        super().__init__()
        self._start = start

    def now(self) -> int:
        return self._start + self.offset


class Hooks:
    """Waypost's webhooks: reads each callback with the connector of its route and keeps what it reports.

    Attributes:
        events: what was read of callbacks answered 200, in order.
        bodies: their raw bodies.
        refusals: how many more callbacks are answered 500 and not read.
        requests: how many callbacks came, refused ones too.
    """

    def __init__(self) -> None:
        self.connectors: dict[str, Connector] = {}
        self.events: list[Report] = []
        self.bodies: list[bytes] = []
        self.refusals = 0
        self.requests = 0
        self._more = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/hooks/{route}", self._hook)
        self.loopback = Loopback(app)

    def url(self, route: str) -> str:
        return f"{self.loopback.address}/hooks/{route}"

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests += 1
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=500)
        headers = {name.lower(): value for name, value in request.headers.items()}
        webhook = Webhook(request.method, dict(request.query), headers, body)
        self.events += self.connectors[request.match_info["route"]].parse_webhook(webhook)
        self.bodies.append(body)
        self._more.set()
        return web.Response()

    async def until(self, count: int) -> None:
        """Returns when as many events were read."""
        async with asyncio.timeout(20):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()


class SandboxNetwork:
    """Simulated Viber and SMS providers, their phones, and the webhooks that they report to."""

    def __init__(
        self, path: Path, clock: MovableClock, session: aiohttp.ClientSession, client: HttpClient
    ) -> None:
        path.mkdir(exist_ok=True)
        self.clock = clock
        self.session = session
        self.client = client
        self.hooks = Hooks()
        self.callback_urls: dict[int, str] = {}
        self.network = PhoneNetwork(path / "world.db", clock, self.callback_urls, retry_s=0.005)
        self.viber_server = ViberServer(self.network, {SERVICE})
        self.sms_gateway = SmsGateway(self.network, "user", "secret")

    async def start(self) -> None:
        await self.hooks.loopback.start()
        await self.viber_server.start()
        await self.sms_gateway.start()
        self.callback_urls[SERVICE] = self.hooks.url("viber")
        self.viber: Connector = ViberConnector("viber", self.client, url=self.viber_server.url)
        self.sms: Connector = KannelConnector(
            "sms",
            self.client,
            url=self.sms_gateway.url,
            username="user",
            password="secret",
            is_gsm=str.isascii,
        )
        self.hooks.connectors = {"viber": self.viber, "sms": self.sms}
        await self.network.start()

    async def close(self) -> None:
        await self.viber_server.close()
        await self.sms_gateway.close()
        await self.network.close()
        await self.hooks.loopback.close()

    @staticmethod
    def viber_message(recipient: str, number: int = 1, text: str = "hello", ttl: int = 60) -> Submission:
        return Submission(
            reference=f"m-0-{number}",
            number=number,
            sender=str(SERVICE),
            recipient=recipient,
            message_type="text",
            content={"text": text},
            label="transaction",
            ttl=ttl,
            tracking_data="order:9",
        )

    def sms_message(self, recipient: str, number: int = 1, text: str = "hello") -> Submission:
        return Submission(
            reference=f"m-1-{number}",
            number=number,
            sender="Shop",
            recipient=recipient,
            message_type="text",
            content={"text": text},
            ttl=60,
            receipt_url=self.hooks.url("sms"),
        )

    async def settle(self) -> None:
        """Waits until all that is due by now was sent."""
        await asyncio.wait_for(self.network.settle(self.clock.now()), 20)

    async def move(self, milliseconds: int) -> None:
        """Moves the clock and waits until all that fell due was sent."""
        self.clock.move_to(self.clock.now() + milliseconds)
        await self.settle()

    async def play_out(self) -> None:
        """Moves the clock from event to event until nothing is left to send."""
        while (due := self.network.next_due()) is not None:
            self.clock.move_to(due)
            await self.settle()


@asynccontextmanager
async def sandbox_network(path: Path, clock: MovableClock | None = None) -> AsyncIterator[SandboxNetwork]:
    async with aiohttp.ClientSession() as session, HttpClient() as client:
        everything = SandboxNetwork(path, clock or StillClock(), session, client)
        await everything.start()
        try:
            yield everything
        finally:
            await everything.close()
