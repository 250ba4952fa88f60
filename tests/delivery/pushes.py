"""The callback stage over a real store, and receivers on real sockets whose answers are scripted."""

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from tests.claims import LEASE, claim_due
from tests.delivery.stages import DEFAULTS, RepeatingStore
from tests.model.messages import ACCEPTED_AT
from tests.sandbox.sandbox_network import StillClock
from waypost.delivery.context import DeliveryContext
from waypost.delivery.lanes import Lanes
from waypost.delivery.notifier import Notifier
from waypost.delivery.recent_messages import RecentMessages
from waypost.delivery.stage_worker import StageWorker
from waypost.model.configuration import Account, CallbackTarget, Configuration
from waypost.model.identifiers import AccountId, MessageId
from waypost.outbound.public_sockets import public_socket
from waypost.sandbox.loopback import Loopback
from waypost.storage.changes import Change, Publish
from waypost.storage.records import Callback, CallbackState, Stage

GOOD = (200, b'{"code":0,"msg":"ok"}')
HANG = (0, b"")


class Push(msgspec.Struct):
    """A POST that a receiver got."""

    at: int
    headers: dict[str, str]
    body: bytes

    @property
    def objects(self) -> list[dict[str, Any]]:
        objects: list[dict[str, Any]] = json.loads(self.body)
        return objects

    @property
    def numbers(self) -> list[int]:
        return [one["n"] for one in self.objects]


class Receiver:
    """A customer's URL.

    Attributes:
        answers: the next answers, status and body; `usual` when there are none. `HANG` is no answer.
        in_pieces: the answer's body is sent byte by byte.
        pushes: what came in.
        at_once: how many POSTs with objects of a message there were at the same time, at most.
    """

    def __init__(self, clock: StillClock) -> None:
        self.answers: deque[tuple[int, bytes]] = deque()
        self.usual = GOOD
        self.in_pieces = False
        self.pushes: list[Push] = []
        self.at_once = 0
        self._now: Counter[str] = Counter()
        self._more = asyncio.Event()
        self._clock = clock
        app = web.Application()
        app.router.add_post("/callbacks", self._take)
        self.loopback = Loopback(app)

    @property
    def url(self) -> str:
        return f"{self.loopback.address}/callbacks"

    @property
    def numbers(self) -> list[int]:
        """The numbers of all objects, in the order they came."""
        return [number for push in self.pushes for number in push.numbers]

    @property
    def times(self) -> list[float]:
        """When the pushes came, in seconds from the start."""
        return [(push.at - ACCEPTED_AT) / 1000 for push in self.pushes]

    async def until(self, pushes: int) -> None:
        """As many pushes came in."""
        async with asyncio.timeout(20):
            while len(self.pushes) < pushes:
                self._more.clear()
                await self._more.wait()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        push = Push(self._clock.now(), dict(request.headers), await request.read())
        self.pushes.append(push)
        self._more.set()
        messages = {one["MessageId"] for one in push.objects}
        self._now.update(messages)
        self.at_once = max([self.at_once, *self._now.values()])
        try:
            return await self._answer(request)
        finally:
            self._now.subtract(messages)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        status, body = self.answers.popleft() if self.answers else self.usual
        if (status, body) == HANG:
            await asyncio.Event().wait()
        if not self.in_pieces:
            # A turn of the loop, so that pushes made at the same time are seen to overlap.
            await asyncio.sleep(0.001)
            return web.Response(status=status, body=body)
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        for place in range(len(body)):
            await response.write(body[place : place + 1])
            await asyncio.sleep(0.001)
        return response


class Pushes:
    """Account 1 has the URL of `receiver` and a secret, account 2 the one of `other` and none."""

    def __init__(
        self, path: Path, session: aiohttp.ClientSession, guarded: aiohttp.ClientSession, **changed: Any
    ) -> None:
        self.path = path
        self.clock = StillClock(ACCEPTED_AT)
        self.receiver = Receiver(self.clock)
        self.other = Receiver(self.clock)
        self.settings = msgspec.structs.replace(DEFAULTS.callbacks, **changed)
        self._session = session
        self._guarded = guarded
        self._numbers = 0

    async def start(self) -> None:
        await self.receiver.loopback.start()
        await self.other.loopback.start()
        self.open()

    def open(self) -> None:
        targets = [CallbackTarget(self.receiver.url, "", "s3cret"), CallbackTarget(self.other.url, "", "")]
        configuration = Configuration(
            Account(id=AccountId(str(number)), callbacks=target)
            for number, target in enumerate(targets, start=1)
        )
        self.store = RepeatingStore(self.path)
        context = DeliveryContext(self.clock, lambda: configuration, DEFAULTS.delivery, RecentMessages())
        lanes = Lanes(lambda lane: ((lane, 60),))
        self.notifier = Notifier(
            self.store, context, self.settings, self._session, self._guarded, lanes.pause
        )
        self.worker = StageWorker(
            self.store,
            self.clock,
            Stage.CALLBACK,
            self.notifier.process,
            lanes=lanes,
            batch=20,
            lease=LEASE,
        )

    def another_handle(self) -> tuple[RepeatingStore, Notifier]:
        """A second store on the same database, and its notifier."""
        store, notifier, worker = self.store, self.notifier, self.worker
        self.open()
        other = self.store, self.notifier
        self.store, self.notifier, self.worker = store, notifier, worker
        return other

    async def close(self) -> None:
        await self.store.close()
        await self.receiver.loopback.close()
        await self.other.loopback.close()

    async def publish(self, *message_ids: str, account: str = "1", url: str = "") -> None:
        """Writes a callback for each, numbered in the order of publishing."""
        target = url or (self.receiver.url if account == "1" else self.other.url)
        commands = []
        for message_id in message_ids:
            self._numbers += 1
            body = json.dumps({"MessageId": message_id, "n": self._numbers})
            callback = Callback(
                message_id=MessageId(message_id),
                account_id=AccountId(account),
                kind="ChatAppStatus",
                url=target,
                body=body,
                state=CallbackState.WAITING,
                created_at=self.clock.now(),
            )
            commands.append(Publish(callback))
        await self.store.apply([Change(commands)])

    async def settle(self) -> None:
        """Pushes what is due."""
        while works := await claim_due(self.store, Stage.CALLBACK, 1000, self.clock.now()):
            await self.notifier.process(works, lambda *works: None)

    async def pass_time(self, seconds: float) -> None:
        """Moves the clock from one due moment to the next."""
        target = self.clock.now() + int(seconds * 1000)
        await self.settle()
        while (due := await self.store.next_due(Stage.CALLBACK, self.clock.now())) and due <= target:
            self.clock.move_to(due)
            await self.settle()
        self.clock.move_to(target)

    async def until_all_are_pushed(self) -> None:
        """Returns when the worker has left nothing in the journal."""
        woken = asyncio.Event()
        self.store.listen(Stage.CALLBACK, lambda lane, due: woken.set())
        async with asyncio.timeout(20):
            while (await self.store.backlog())[Stage.CALLBACK]:
                await woken.wait()
                woken.clear()

    async def callbacks(self) -> list[Callback]:
        return await self.store.list_callbacks()

    async def states(self) -> list[CallbackState]:
        return [callback.state for callback in await self.callbacks()]


@asynccontextmanager
async def pushing(path: Path, *, allow_private: bool = True, **changed: Any) -> AsyncIterator[Pushes]:
    """Receivers that listen and a notifier whose settings are the defaults but for `changed`."""
    connector = aiohttp.TCPConnector(socket_factory=public_socket)
    async with aiohttp.ClientSession() as session, aiohttp.ClientSession(connector=connector) as guarded:
        pushes = Pushes(path, session, session if allow_private else guarded, **changed)
        await pushes.start()
        try:
            yield pushes
        finally:
            await pushes.close()
