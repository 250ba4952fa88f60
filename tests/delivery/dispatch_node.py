"""A process's dispatch stage as the service has it, without the service: lanes, hand-on, worker, breakers and
rates over a real store, with a provider that the test scripts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.delivery.stages import DEFAULTS
from tests.model.messages import message
from waypost.clock import Clock
from waypost.connectors.contract import Submission, Webhook
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatch_lanes import DispatchLanes
from waypost.delivery.dispatcher import Dispatcher
from waypost.delivery.hand_on import HandOn
from waypost.delivery.recent_messages import RecentMessages
from waypost.delivery.route_controls import RouteControls
from waypost.delivery.route_states import LiveRouteStates
from waypost.delivery.routes import Route
from waypost.delivery.stage_worker import StageWorker
from waypost.messaging.acceptance import acceptance
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.identifiers import AccountId, MessageIds
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Receipt
from waypost.model.routes.breaker import BreakerOptions
from waypost.model.routes.classes import RouteBounds
from waypost.storage.changes import Change
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

ACCOUNTS = ("1", "2", "3")
OPTIONS = BreakerOptions(threshold=0.5, window=60_000, least=5, probes=[1000])
_LEASE_S = 120.0
_CHUNK = 500


class Provider:
    """`waypost.connectors.contract.Connector` that counts what it gets.

    Attributes:
        on_send: called with each submission; what it returns is the outcome.
        received: the submissions, in order.
    """

    removes_duplicates = False

    def __init__(self, on_send: Callable[[Submission], Awaitable[Outcome]] | None = None) -> None:
        self.on_send = on_send
        self.received: list[Submission] = []
        self._more = asyncio.Event()

    async def send(self, submission: Submission) -> Outcome:
        self.received.append(submission)
        self._more.set()
        if self.on_send is not None:
            return await self.on_send(submission)
        return Accepted(None)

    def parse_webhook(self, webhook: Webhook) -> list[Receipt | Inbound]:
        raise NotImplementedError(webhook)

    async def until(self, count: int, within: float = 30.0) -> None:
        """Returns when it has got so many."""
        async with asyncio.timeout(within):
            while len(self.received) < count:
                self._more.clear()
                await self._more.wait()


class DispatchNode:
    """The dispatch stage of one process: a sender 2000<account> for each account, by the route `viber`."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        provider: Provider,
        *,
        width: int = 20,
        rate: int = 0,
        share: float = 0.02,
        options: BreakerOptions = OPTIONS,
    ) -> None:
        self.store = SqliteStore(path, durable=False)
        self.clock = clock
        self.configuration = Configuration(
            [
                *(Account(id=AccountId(account)) for account in ACCOUNTS),
                *(
                    Sender(channel="viber", id=f"2000{id_}", account_id=AccountId(id_), route="viber")
                    for id_ in ACCOUNTS
                ),
            ]
        )
        settings = msgspec.structs.replace(DEFAULTS.delivery, retry_schedule=(1.0,))
        context = DeliveryContext(clock, lambda: self.configuration, settings, RecentMessages())
        self._grace = int(settings.receipt_grace * 1000)
        routes = {"viber": Route("viber", provider, "", rate=rate)}
        self.states = LiveRouteStates(self.store)
        self.controls = RouteControls(self.store, clock, self.states, options, share, routes)
        self.lanes = DispatchLanes(lambda route: RouteBounds(width, share), self.controls)
        self.controls.when_woken(self.lanes.wake)
        self.dispatcher = Dispatcher(self.store, context, routes, jitter=lambda: 0.5, controls=self.controls)
        self.hand_on = HandOn(self.store, context, routes, self.dispatcher, self.lanes, _LEASE_S)
        self.worker = StageWorker(
            self.store,
            clock,
            Stage.DISPATCH,
            self.dispatcher.process,
            lanes=self.lanes,
            batch=200,
            lease=_LEASE_S,
        )
        self._ids = MessageIds(1, node=self.store.node_number(), seed=0)
        self.running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.running = asyncio.create_task(self.worker.run())

    def message(self, label: str, account: str = "1", **changes: Any) -> Any:
        now = self.clock.now()
        sender = f"2000{account}"
        return message(
            message_id=self._ids.next(now),
            account_id=AccountId(account),
            sender=sender,
            accepted_at=now,
            label=label,
            **changes,
        )

    async def accept(self, label: str, account: str = "1", **changes: Any) -> str:
        """Accepts a message as a call does; returns its id."""
        accepted = self.message(label, account, **changes)
        accepting = self.hand_on.accept(accepted, self.configuration)
        [refusal] = await self.store.apply([Change(accepting.commands)])
        assert refusal is None
        if accepting.settled is not None:
            accepting.settled(True)
        return str(accepted.message_id)

    async def fill(self, count: int, label: str, account: str = "1", **changes: Any) -> None:
        """Lets so many messages wait."""
        for first in range(0, count, _CHUNK):
            messages = (self.message(label, account, **changes) for _ in range(min(_CHUNK, count - first)))
            await self.store.apply(
                [Change(acceptance(one, self.configuration, self._grace).commands) for one in messages]
            )

    async def stop(self) -> None:
        await self.worker.stop()
        await self.hand_on.stop()
        if self.running is not None:
            await self.running
        await self.store.close()


@asynccontextmanager
async def dispatch_node(
    path: Path, clock: Clock, provider: Provider, **more: Any
) -> AsyncIterator[DispatchNode]:
    """A node on an empty folder, not started."""
    node = DispatchNode(path / "waypost.db", clock, provider, **more)
    try:
        yield node
    finally:
        await node.stop()
