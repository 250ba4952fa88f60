"""The composition root: settings in, a running service out. Only this module knows every room."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from socket import socket
from typing import Any

import aiohttp
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.routing import Route as WebRoute

from waypost.api.gate import Gate
from waypost.api.gateway import ApiGateway
from waypost.api.keyring import LiveKeyRing
from waypost.api.nonces import NonceGuard
from waypost.api.operations.catalogue import EVERY
from waypost.api.operations.endpoint import Dependencies
from waypost.api.queues.call import QUEUE_ACTIONS
from waypost.api.queues.queue_api import QueueApi
from waypost.api.queues.queue_operations import QueueOperations
from waypost.api.queues.receiver import QueueReceiver
from waypost.api.throttle import FailedSignatures, Throttle
from waypost.clock import Clock, wall_seconds
from waypost.config import declared_config
from waypost.config.paths import database_path, open_secret_box
from waypost.config.settings import Settings, TemplateReviewSettings
from waypost.connectors.contract import Connector, RouteSettings
from waypost.connectors.registry import connect
from waypost.console.pages import exception_handlers, page_routes
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatcher import Dispatcher, Route
from waypost.delivery.notifier import Notifier
from waypost.delivery.stage_worker import StageWorker
from waypost.delivery.timers import Timers
from waypost.delivery.tracker import Tracker
from waypost.messaging.sender_review import SenderReviewer
from waypost.messaging.template_review import TemplateReviewer
from waypost.model.configuration import Configuration
from waypost.model.identifiers import MessageIds
from waypost.outbound.file_check import FileCheck
from waypost.outbound.public_sockets import public_socket
from waypost.server.maintenance import Maintenance, supervise
from waypost.server.webhooks import ReceiptsEndpoint
from waypost.storage.live_configuration import LiveConfiguration
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

log = structlog.get_logger()

# How soon a change made by another process (`waypost keys create`) is seen, in real seconds.
_CONFIGURATION_POLL = 1.0
_QUEUE_METHODS = ("GET", "PUT", "POST", "DELETE")
# How many rows a stage holds at once, and takes together; receipts and timers never leave the machine.
_WIDTH = 1000
_BATCH = 100


class Waypost:
    """The whole service in one process.

    Args:
        address: `http://host:port` it is served at.
        more_routes: pages and control endpoints beside the common ones.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        address: str,
        more_routes: Callable[["Waypost"], Sequence[BaseRoute]] | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.address = settings.server.public_url.rstrip("/") or address
        Path(settings.store.data).mkdir(parents=True, exist_ok=True)
        self.secret_box = open_secret_box(settings)
        self.store = SqliteStore(database_path(settings))
        self._keys = LiveKeyRing(self.secret_box)
        self._throttle = Throttle(
            _own_limits(settings.limits.calls_per_second), settings.limits.calls_per_second
        )
        self._account_limits: dict[str, int | None] = {}
        self.configuration = LiveConfiguration(self.store, self._configured)
        self._nonces = NonceGuard(_NonceLog(self.store), self.store.nonce_slices())
        self.gate = Gate(
            self._keys,
            self._nonces,
            self._throttle,
            FailedSignatures(settings.limits.failed_signatures_per_second),
            self.configuration.current,
        )
        dependencies = Dependencies(
            self.store,
            MessageIds(self.store.shards).next,
            settings.viber.default_ttl,
            self.secret_box,
            _file_error(settings.templates),
        )
        self.api_gateway = ApiGateway(
            self.gate,
            dependencies,
            clock,
            reconfigured=self.configuration.refresh,
            public_url=settings.server.public_url.rstrip("/"),
        )
        self._queue_receiver = QueueReceiver(
            self.store,
            clock,
            retention=settings.queues.retention * 1000,
            visibility_timeout=settings.queues.visibility_timeout * 1000,
        )
        self._queue_api = QueueApi(
            self.gate,
            QueueOperations(self.store, clock, self._queue_receiver),
            public_url=settings.server.public_url.rstrip("/"),
        )
        self._more_routes = more_routes
        self._sessions: list[aiohttp.ClientSession] = []
        self._connectors: dict[str, Connector] = {}
        self._workers: list[StageWorker] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._pages: Starlette | None = None

    def _configured(self, configuration: Configuration) -> None:
        self._keys.replace(configuration)
        for account in configuration.accounts.values():
            # Counting starts anew at each override, so only a limit that changed is set.
            if self._account_limits.get(account.id) == account.limit:
                continue
            self._account_limits[account.id] = account.limit
            for name, endpoint in EVERY.items():
                if endpoint.limit is None:
                    self._throttle.override(account.id, name, account.limit)
            for action in QUEUE_ACTIONS:
                self._throttle.override(account.id, action, account.limit)

    async def start(self) -> None:
        """Gets everything moving."""
        await declared_config.apply(self.store, declared_config.entries_of(self.settings.accounts))
        await self.configuration.refresh()
        self._nonces.start(wall_seconds())
        routes = {name: self._route(name, route) for name, route in self.settings.routes.items()}
        context = DeliveryContext(self.clock, self.configuration.current, self.settings.delivery)
        callbacks = self._session(limit=0)
        guarded = callbacks if self.settings.callbacks.allow_private else self._session(0, public_socket)
        dispatcher = Dispatcher(self.store, context, routes)
        stages = {
            Stage.DISPATCH: dispatcher.process,
            Stage.FALLBACK: dispatcher.process,
            Stage.RECEIPT: Tracker(self.store, context).process,
            Stage.TIMER: Timers(self.store, context).process,
            Stage.CALLBACK: Notifier(
                self.store, context, self.settings.callbacks, callbacks, guarded
            ).process,
        }
        for stage, process in stages.items():
            sends = stage in (Stage.DISPATCH, Stage.FALLBACK)
            width = self.settings.delivery.concurrency if sends else _WIDTH
            self._workers.append(
                StageWorker(self.store, self.clock, stage, process, width=width, batch=_BATCH)
            )
        self._pages = self._web()
        maintenance = Maintenance(self.store, self.clock, self._nonces)
        background = [*(worker.run for worker in self._workers), self._watch_configuration]
        background += [
            maintenance.maintain_nonces,
            maintenance.forget_client_tokens,
            self._queue_receiver.remove_expired,
        ]
        if self.settings.templates.review == "automatic":
            background.append(
                TemplateReviewer(
                    self.store, self.clock, self.configuration.current, self.configuration.refresh
                ).run
            )
        if self.settings.viber.automatic_route:
            reviewer = SenderReviewer(
                self.store,
                self.clock,
                self.configuration.current,
                self.settings.viber.automatic_route,
                self.configuration.refresh,
            )
            background.append(reviewer.run)
        self._tasks = [asyncio.create_task(supervise(run)) for run in background]

    def _session(
        self, limit: int, make_socket: Callable[[tuple[Any, ...]], socket] | None = None
    ) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limit, socket_factory=make_socket),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._sessions.append(session)
        return session

    def _route(self, name: str, route: RouteSettings) -> Route:
        connector = connect(name, route, self._session(self.settings.delivery.concurrency))
        self._connectors[name] = connector
        return Route(name, connector, f"{self.address}/receipts/{name}/{route.secret}")

    def _web(self) -> Starlette:
        receipts = ReceiptsEndpoint(
            self.store,
            self.clock,
            {
                name: (connector, self.settings.routes[name].secret)
                for name, connector in self._connectors.items()
            },
        )
        public_url = self.settings.server.public_url.rstrip("/")
        more = self._more_routes(self) if self._more_routes is not None else ()
        return Starlette(
            routes=[
                *more,
                WebRoute("/receipts/{route}/{secret}", receipts.handle, methods=["GET", "POST"]),
                WebRoute("/queues", self._queue_api.handle, methods=_QUEUE_METHODS),
                WebRoute("/queues/{rest:path}", self._queue_api.handle, methods=_QUEUE_METHODS),
                WebRoute("/healthz", self._health, methods=["GET"]),
                *page_routes(public_url),
            ],
            exception_handlers=exception_handlers(public_url),
        )

    async def _health(self, _: Request) -> Response:
        # How late the oldest row is, not how many there are: a count would cost more the more there are.
        now = self.clock.now()
        dues = {stage: await self.store.next_due(stage, -1) for stage in Stage}
        behind = {
            stage.value: max(0.0, (now - due) / 1000) if due is not None else 0.0
            for stage, due in dues.items()
        }
        return JSONResponse({"status": "ok", "behind_seconds": behind})

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """The ASGI application: the API at `/`, everything else by path."""
        assert self._pages is not None
        if scope["type"] == "http" and scope["path"] == "/" and not _is_browser(scope):
            await self.api_gateway(scope, receive, send)
        else:
            await self._pages(dict(scope), receive, send)

    async def _watch_configuration(self) -> None:
        while True:
            await asyncio.sleep(_CONFIGURATION_POLL)
            await self.configuration.refresh()
            # A callback replayed by another process is a row that nobody here was told of.
            for worker in self._workers:
                worker.wake()

    async def stop(self) -> None:
        """Takes no more calls, finishes what is in flight, and keeps the rest in the journal."""
        self._queue_receiver.close()
        stopping = [
            asyncio.create_task(closing)
            for closing in (
                self.gate.close(),
                *(worker.stop() for worker in self._workers),
            )
        ]
        _, late = await asyncio.wait(stopping, timeout=self.settings.server.stop_timeout)
        if late:
            log.warning("stop.timed_out", unfinished=len(late))
        for task in (*self._tasks, *stopping):
            task.cancel()
        await asyncio.gather(*self._tasks, *stopping, return_exceptions=True)
        for session in self._sessions:
            await session.close()
        await self.store.close()


def _own_limits(calls_per_second: int) -> dict[str, int]:
    """The limits of the operations that have their own; none when the operator wants no limits at all."""
    return {
        name: endpoint.limit if calls_per_second else 0
        for name, endpoint in EVERY.items()
        if endpoint.limit is not None
    }


def _file_error(settings: TemplateReviewSettings) -> Callable[[str], Awaitable[str]] | None:
    if not settings.check_header_url:
        return None
    return FileCheck(allow_private=settings.private_header_urls).download_error


class _NonceLog:
    """The store's nonces, as the guard asks for them."""

    def __init__(self, store: SqliteStore) -> None:
        self.seen = store.nonce_used


def _is_browser(scope: Mapping[str, Any]) -> bool:
    """Whether a request for `/` wants a page: a person's browser names text/html, an API call never does."""
    if scope["method"] not in ("GET", "HEAD") or b"Action=" in scope["query_string"]:
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
