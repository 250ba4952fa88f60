"""The composition root: creates a running service from the settings."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from waypost.api.call_recorder import CallBounds, CallRecorder
from waypost.api.gate import Gate
from waypost.api.gateway import ApiGateway
from waypost.api.http_messages import Handler, HttpRequest
from waypost.api.keyring import LiveKeyRing
from waypost.api.nonces import NonceGuard
from waypost.api.operations.endpoint import Dependencies
from waypost.api.queues.queue_api import QueueApi
from waypost.api.queues.queue_operations import QueueOperations
from waypost.api.queues.receiver import QueueReceiver
from waypost.api.throttle import FailedSignatures
from waypost.clock import Clock, wall_seconds
from waypost.config import declared_config
from waypost.config.paths import database_path
from waypost.config.secret_box import open_secret_box
from waypost.config.settings import Settings
from waypost.console.refused_calls import refused_call_finder
from waypost.delivery.context import DeliveryContext
from waypost.delivery.log_context import REQUEST_OF_MESSAGE
from waypost.delivery.recent_messages import RecentMessages
from waypost.delivery.route_states import LiveRouteStates
from waypost.delivery.stage_worker import StageWorker
from waypost.messaging.acceptance import Acceptance
from waypost.messaging.person_key import use_person_key
from waypost.messaging.sender_review import SenderReviewer
from waypost.messaging.template_review import TemplateReviewer
from waypost.model.configuration import Configuration
from waypost.model.entry_changes import ConfigurationUpdate
from waypost.model.identifiers import MessageId, MessageIds
from waypost.model.message.message import Message
from waypost.server.call_limits import AccountLimits, create_throttle
from waypost.server.call_log import CALL_LOG
from waypost.server.http_sessions import HttpSessions
from waypost.server.live_routes import LiveRoutes
from waypost.server.maintenance import Maintenance, supervise
from waypost.server.operator_endpoints import OperatorEndpoints
from waypost.server.rejected_webhooks import RejectedWebhookKeeper
from waypost.server.route_use import RouteUse
from waypost.server.stages import Delivery, create_delivery
from waypost.server.watches import MachineWatch
from waypost.server.web_routes import is_api_call, web_application
from waypost.server.webhooks import WebhookEndpoint, is_webhook
from waypost.storage.contract import FilesLostError, Store, StoreUnavailableError
from waypost.storage.live_configuration import LiveConfiguration
from waypost.storage.opening import open_database
from waypost.storage.private_files import make_private_folder

log = structlog.get_logger()

# How often changes by another process are looked for, in real seconds: less than a command takes to start, so
# that the next one can use the key that `waypost keys create` made.
_CONFIGURATION_POLL_S = 0.2
# How long each of the last steps of a stop may take, if `server.stop_timeout` is long enough for all.
_CLOSING_S = 1.0


class Waypost:
    """The whole service in one process.

    Args:
        address: `http://host:port` that the service listens on.
        more_routes: creates web routes beside the common ones.
        durable: whether a commit waits for the disk.
        gate, recorder, sessions: create what calls, and requests to the outside, go through.

    Attributes:
        failed: from `start` on; has an error once the service cannot go on.
    """

    failed: "asyncio.Future[None]"

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        address: str,
        more_routes: Callable[["Waypost"], Sequence[BaseRoute]] | None = None,
        *,
        durable: bool = True,
        gate: Callable[..., Gate] = Gate,
        recorder: Callable[..., CallRecorder] = CallRecorder,
        sessions: Callable[[Sequence[str]], HttpSessions] = HttpSessions,
    ) -> None:
        public_url = settings.server.public_url.rstrip("/")
        self.settings = settings
        self.clock = clock
        self.address = public_url or address
        self._public_url = public_url
        self._more_routes = more_routes
        make_private_folder(Path(settings.store.data))
        self.secret_box = open_secret_box(settings)
        self.store = open_database(database_path(settings), durable=durable)
        throttle = create_throttle(settings.limits.calls_per_second)
        self._keys = LiveKeyRing(self.secret_box)
        self._account_limits = AccountLimits(throttle)
        self.configuration = LiveConfiguration(self.store, self._apply_configuration)
        self._nonces = NonceGuard(_NonceLog(self.store), self.store.nonce_slices())
        self.gate = gate(
            self._keys,
            self._nonces,
            throttle,
            FailedSignatures(settings.limits.failed_signatures_per_second),
            self.configuration.current,
        )
        self._sessions = sessions(settings.outbound.nameservers)
        bounds = CallBounds(settings.calls.per_account, settings.calls.unauthenticated)
        self._recorder = recorder(self.store, clock, self.configuration.current, bounds, CALL_LOG)
        dependencies = Dependencies(
            self.store,
            self._message_ids().next,
            settings.viber.default_ttl,
            settings.sms,
            self.secret_box,
            self._accept,
            settings.queues.token_duration,
            self._sessions.file_check(settings.templates),
        )
        self.api_gateway = ApiGateway(
            self.gate,
            dependencies,
            clock,
            configuration=self.configuration,
            recorder=self._recorder,
            public_url=public_url,
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
            recorder=self._recorder,
            clock=clock,
            public_url=public_url,
        )
        self._routes = LiveRoutes(self.address, self._sessions)
        self._route_states = LiveRouteStates(self.store)
        self._route_use = RouteUse(self._routes.current, self._route_states, clock)
        self._recent_messages = RecentMessages()
        self._maintenance = Maintenance(self.store, clock, self._nonces, settings.retention)
        self._machine = MachineWatch(Path(settings.store.data), settings.store.min_free)
        self._delivery: Delivery | None = None
        self._reviewers: list[TemplateReviewer | SenderReviewer] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._webhooks: WebhookEndpoint | None = None
        self._web: Starlette | None = None

    def _message_ids(self) -> MessageIds:
        store = self.store
        return MessageIds(store.shards, node=store.node_number(), latest=store.latest_message_id())

    def _accept(self, message: Message, configuration: Configuration) -> Acceptance:
        assert self._delivery is not None
        return self._delivery.hand_on.accept(message, configuration)

    @property
    def _workers(self) -> Sequence[StageWorker]:
        return self._delivery.workers if self._delivery is not None else ()

    def _apply_configuration(self, configuration: Configuration, update: ConfigurationUpdate) -> None:
        self._keys.apply(configuration, update)
        self._account_limits.apply(configuration, update)

    def _fail(self, error: FilesLostError) -> None:
        log.critical("database.lost", file=error.path, what=error.what)
        if not self.failed.done():
            self.failed.set_exception(error)

    def _request_and_route(self, message_id: MessageId) -> tuple[str, str]:
        """What the log says of a message; nothing while the database does not answer."""
        try:
            return self.store.request_and_route(message_id)
        except StoreUnavailableError:
            return "", ""

    def next_review(self) -> int | None:
        """When the next automatic review is due, in milliseconds UTC; None if none waits."""
        dues = [due for reviewer in self._reviewers if (due := reviewer.next_due()) is not None]
        return min(dues, default=None)

    async def start(self) -> None:
        """Stores what the settings declare, and starts the stages and the background loops."""
        self.failed = asyncio.get_running_loop().create_future()
        self.store.when_lost(self._fail)
        REQUEST_OF_MESSAGE.add(self._request_and_route)
        await declared_config.apply(
            self.store, declared_config.entries_of(self.settings.accounts), self.clock.now()
        )
        await self.configuration.refresh()
        await self._route_states.refresh()
        await use_person_key(self.store, self.secret_box)
        self._nonces.start(wall_seconds())
        self._routes.use(self._routes.connect(self.settings))
        context = DeliveryContext(
            self.clock,
            self.configuration.current,
            self.settings.delivery,
            self._recent_messages,
            self.settings.sms,
            self._route_use.is_usable,
            self._route_use.takes_new,
        )
        self._delivery = create_delivery(
            self.settings,
            self.store,
            self.clock,
            context,
            self._routes.current,
            self._route_states,
            self._sessions,
        )
        self._route_use.controls = self._delivery.controls
        self._webhooks = WebhookEndpoint(
            self._delivery.tracker.receive,
            RejectedWebhookKeeper(self.store, self.clock).keep,
            self._routes.webhook_routes(),
            self.settings.server.max_webhook,
        )
        self._routes.when_replaced(self._webhooks.use)
        self._web = self._create_web()
        self._tasks = [asyncio.create_task(supervise(loop)) for loop in self._background_loops()]

    async def apply_settings(self, settings: Settings) -> list[str]:
        """Takes over what can change of other settings while the service runs: accounts, routes and their
        width, and how long what is known of messages is kept.

        What is under way ends on the route that it began on.

        Returns:
            The names of the routes that are new, changed or gone.

        Raises:
            StoreUnavailableError: the accounts could not be written; nothing has changed.
            ValueError: a route cannot be made; nothing has changed.
        """
        assert self._delivery is not None
        before, after = self._routes.connected, self._routes.connect(settings)
        lease = self._delivery.bounds.lease
        # Both, so that neither a sender that moves nor a message that waits is without a route meanwhile.
        self._routes.use({**before, **after})
        self._delivery.bounds.change(settings.delivery.concurrency)
        # Of a claim of before and of one from now on.
        lease = max(lease, self._delivery.bounds.lease)
        in_use = before
        try:
            entries = declared_config.entries_of(settings.accounts)
            await declared_config.apply(self.store, entries, self.clock.now())
            in_use, self.settings = after, settings
            self._maintenance.use_ages(settings.retention)
        finally:
            self._routes.use(in_use)
            self._delivery.bounds.change(self.settings.delivery.concurrency)
            kept = {id(one) for one in in_use.values()}
            unused = [one for one in (*before.values(), *after.values()) if id(one) not in kept]
            self._routes.close_later(unused, lease)
        try:
            await self.configuration.refresh()
        except StoreUnavailableError as error:
            # It is written; the next look at the database brings it.
            log.info("configuration.delayed", error=str(error))
        return sorted(name for name in {*before, *after} if before.get(name) is not after.get(name))

    def _create_web(self) -> Starlette:
        assert self._delivery is not None
        endpoints = OperatorEndpoints(
            self.settings,
            self.store,
            self.clock,
            self.gate,
            self._machine,
            self._recorder,
            self._delivery,
            self._route_states,
        )
        return web_application(
            self._queue_api,
            endpoints.routes(),
            public_url=self._public_url,
            find_call=refused_call_finder(self.store),
            handle_call=self.api_gateway.handle if self.settings.server.explorer else None,
            more_routes=self._more_routes(self) if self._more_routes is not None else (),
        )

    def _background_loops(self) -> list[Callable[[], Awaitable[None]]]:
        maintenance = self._maintenance
        assert self._delivery is not None
        loops: list[Callable[[], Awaitable[None]]] = [
            *(worker.run for worker in self._workers),
            self._watch_configuration,
            self._delivery.canceller.run,
            self._delivery.rerouter.run,
            self._machine.run,
            self._recorder.run,
            maintenance.maintain_nonces,
            maintenance.forget_client_tokens,
            maintenance.forget_rejected_webhooks,
            maintenance.forget_call_records,
            maintenance.forget_audit_rows,
            maintenance.apply_retention,
            maintenance.fold_template_counts,
            maintenance.forget_removed_entries,
            self._queue_receiver.remove_expired,
        ]
        current, refresh = self.configuration.current, self.configuration.refresh
        if self.settings.templates.review == "automatic":
            self._reviewers.append(TemplateReviewer(self.store, self.clock, current, refresh))
        if route := self.settings.viber.automatic_route:
            self._reviewers.append(SenderReviewer(self.store, self.clock, current, route, refresh))
        loops += [reviewer.run for reviewer in self._reviewers]
        return loops

    def handler_of(self, request: HttpRequest) -> Handler | None:
        """The handler of calls of the RPC API and of webhooks; None for everything else."""
        if is_api_call(request):
            return self.api_gateway.handle
        assert self._webhooks is not None
        return self._webhooks.handle if is_webhook(request.path) else None

    def needs_large_body(self, request: HttpRequest) -> bool:
        """Whether a request is one of the calls whose bodies may be longer than those of others."""
        return is_api_call(request) and self.api_gateway.needs_large_body(request)

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """The ASGI application of what has no handler."""
        assert self._web is not None
        await self._web(dict(scope), receive, send)

    async def _watch_configuration(self) -> None:
        while True:
            await asyncio.sleep(_CONFIGURATION_POLL_S)
            self.secret_box.refresh()
            await self.configuration.refresh()
            # Rows that another process wrote, such as a replayed callback, wake no worker by themselves.
            if await self.store.changed_elsewhere():
                await self._route_states.refresh()
                for worker in self._workers:
                    await worker.look_everywhere()

    async def stop(self, limit: float | None = None) -> None:
        """Refuses new calls, completes what is in flight, and leaves the rest in the journal.

        Args:
            limit: how long that may take, in seconds; by default `server.stop_timeout`.
        """
        self._queue_receiver.close()
        self._routes.stop()
        if limit is None:
            limit = self.settings.server.stop_timeout
        # Enough to cancel what hangs, to close the connections to the outside, and to close the database.
        closing_s = min(_CLOSING_S, limit / 4)
        stopping = [
            asyncio.create_task(closing)
            for closing in (
                self._stop_accepting(),
                *(worker.stop() for worker in self._workers),
            )
        ]
        _, unfinished = await asyncio.wait(stopping, timeout=limit - 3 * closing_s)
        if unfinished:
            log.warning("stop.timed_out", unfinished=len(unfinished))
        for task in (*self._tasks, *stopping):
            task.cancel()
        cancelled = asyncio.gather(*self._tasks, *stopping, return_exceptions=True)
        REQUEST_OF_MESSAGE.remove(self._request_and_route)
        for step in (cancelled, self._sessions.close(), self.store.close()):
            try:
                await asyncio.wait_for(step, closing_s)
            except TimeoutError:
                log.warning("stop.timed_out", unfinished=1)

    async def _stop_accepting(self) -> None:
        """Refuses new calls, and returns when what was accepted is answered and is under way no more."""
        await self.gate.close()
        # The calls that were answered last are recorded in the next turn of the loop.
        await asyncio.sleep(0)
        await self._recorder.flush()
        if self._delivery is not None:
            await self._delivery.hand_on.stop()


class _NonceLog:
    """The stored nonces in the form that the guard reads."""

    def __init__(self, store: Store) -> None:
        self.seen = store.nonce_used
