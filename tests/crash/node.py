"""A node without an HTTP face: it accepts messages, hands them on and claims what waits, until it is killed.

Commands on its standard input, one a line:

    accept <count>    accepts messages one after the other, and prints `ok <MessageId>` once each is durable
    stop-unsent       accepts a message and stops itself (SIGSTOP) between its flush and its request
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from tests.delivery.free_routes import free_lanes
from tests.model.messages import message
from waypost.clock import SystemClock
from waypost.config.loading import load
from waypost.connectors.contract import Submission, Webhook
from waypost.delivery import stage_worker
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatcher import Dispatcher
from waypost.delivery.hand_on import HandOn
from waypost.delivery.recent_messages import RecentMessages
from waypost.delivery.routes import Route
from waypost.delivery.stage_worker import StageWorker
from waypost.messaging.acceptance import Acceptance
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.identifiers import AccountId, MessageIds
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Receipt
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply
from waypost.server.maintenance import supervise
from waypost.storage.changes import Change
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

_LOOK_S = 0.1
_TTL_S = 3600


class NodeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a node runs; times in seconds.

    Attributes:
        port: where the provider listens.
        width: how many requests of the route are under way at once.
    """

    port: int
    width: int
    lease: float
    longest_request: float
    in_doubt_wait: float


class HttpConnector:
    """`waypost.connectors.contract.Connector` on the HTTP client of all connectors."""

    removes_duplicates = False

    def __init__(self, options: NodeOptions) -> None:
        # A request takes three times the timeout at most.
        self._endpoint = HttpClient(options.width).endpoint(
            "GET", f"http://127.0.0.1:{options.port}", timeout_s=options.longest_request / 3
        )

    async def send(self, submission: Submission) -> Outcome:
        """Submits by GET; the answer's body is the provider's id."""
        reply = await self._endpoint.exchange(suffix=submission.reference)
        return Accepted(reply.text) if isinstance(reply, Reply) else reply

    def parse_webhook(self, webhook: Webhook) -> list[Receipt | Inbound]:
        """There are none."""
        raise NotImplementedError(webhook)


class Node:
    """The dispatch stage and the hand-on over one file."""

    def __init__(self, path: Path, options: NodeOptions) -> None:
        self._store = SqliteStore(path)
        self._clock = SystemClock()
        self._configuration = Configuration(
            [
                Account(id=AccountId("1")),
                Sender(channel="viber", id="20001", account_id=AccountId("1"), route="viber"),
            ]
        )
        settings = msgspec.structs.replace(
            load(None, {}).delivery, in_doubt_wait=options.in_doubt_wait, retry_schedule=(0.2,)
        )
        context = DeliveryContext(self._clock, lambda: self._configuration, settings, RecentMessages())
        routes = {"viber": Route("viber", HttpConnector(options), "", options.longest_request)}
        lanes = free_lanes(self._store, self._clock, options.width)
        dispatcher = Dispatcher(self._store, context, routes)
        self._hand_on = HandOn(self._store, context, routes, dispatcher, lanes, options.lease)
        stage_worker._LOOK_S = _LOOK_S
        self._worker = StageWorker(
            self._store,
            self._clock,
            Stage.DISPATCH,
            dispatcher.process,
            lanes=lanes,
            batch=20,
            lease=options.lease,
        )
        self._ids = MessageIds(1, node=self._store.node().number, latest=self._store.latest_message_id())
        self._labels: Iterator[str] = itertools.cycle(["transaction", "promotion"])

    async def run(self) -> None:
        """Carries out commands until the input ends."""
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        working = asyncio.create_task(supervise(self._worker.run))
        print("ready", flush=True)
        while line := (await reader.readline()).decode().split():
            if line[0] == "accept":
                for _ in range(int(line[1])):
                    await self._accept(next(self._labels), stops=False)
            else:
                # A process that stops in a transaction holds everybody up: its worker begins none any more.
                await self._worker.stop()
                await working
                await self._accept("transaction", stops=True)
        await self._worker.stop()
        await self._hand_on.stop()
        await working

    async def _accept(self, label: str, *, stops: bool) -> None:
        now = self._clock.now()
        accepted = message(message_id=self._ids.next(now), accepted_at=now, label=label, ttl=_TTL_S)
        result: Acceptance = self._hand_on.accept(accepted, self._configuration)
        [refusal] = await self._store.apply([Change(result.commands)])
        assert refusal is None
        print("ok", accepted.message_id, flush=True)
        if stops:
            os.kill(os.getpid(), signal.SIGSTOP)
        if result.settled is not None:
            result.settled(True)


async def main(path: Path, options: NodeOptions) -> None:
    # The standard output is for answers.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    await Node(path, options).run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=NodeOptions)))
