"""A sandbox: the service, the simulated providers and the phones in one process."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
from starlette.routing import BaseRoute

from waypost.api.http_messages import HttpRequest, Reply
from waypost.config.loading import load
from waypost.config.settings import Settings
from waypost.connectors.registry import parse_route
from waypost.console.doctor_page import DoctorPage
from waypost.console.error_pages import ErrorPages
from waypost.console.explorer.explorer_pages import ExplorerPages
from waypost.console.rendering import Renderer
from waypost.model.channels import CHANNELS
from waypost.model.identifiers import AccountId
from waypost.model.retention import KEEP_ALL
from waypost.model.templates.template import APPROVED, Template
from waypost.sandbox import fixture
from waypost.sandbox.agent_pages import AgentPages
from waypost.sandbox.calls import Calls
from waypost.sandbox.chat_providers import ChatProviders
from waypost.sandbox.control import Control
from waypost.sandbox.disrupted_calls import DisruptedCalls
from waypost.sandbox.disruption_endpoints import DisruptionEndpoints
from waypost.sandbox.disruptions import Disruptions
from waypost.sandbox.event_endpoint import EventEndpoint
from waypost.sandbox.explored_calls import explorer_access
from waypost.sandbox.home_page import HomePage
from waypost.sandbox.local_requests import for_local_requests
from waypost.sandbox.named_scenarios import begin_scenario
from waypost.sandbox.next_ids import NextIds
from waypost.sandbox.phone_legs import PhoneLegs
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.record import Record
from waypost.sandbox.record_pages import RecordPages
from waypost.sandbox.refused_signatures import RefusedSignatures
from waypost.sandbox.sandbox_state import (
    DATABASE,
    FORMAT,
    KEY,
    PHONES,
    SandboxState,
    packed,
    seed_state,
)
from waypost.sandbox.seed import Seed
from waypost.sandbox.shared_answers import SharedAnswers
from waypost.sandbox.simulated_senders import RECEIPTS_SECRET, SMS_PASSWORD, SMS_USERNAME, route_tables
from waypost.sandbox.sms_gateway import SmsGateway
from waypost.sandbox.state_endpoints import StateEndpoints
from waypost.sandbox.time_travel import StoppedError, TimeTravel, persistent_clock
from waypost.sandbox.viber_server import ViberServer
from waypost.sandbox.viber_services import ViberServices
from waypost.sandbox.view_columns import Phones
from waypost.sandbox.view_page import ViewPage
from waypost.server.app import Waypost
from waypost.server.sandbox_names import prefix_of, root_of
from waypost.server.sandbox_sessions import SandboxSessions
from waypost.storage.commit_feed import CommitListener, WatchedStore
from waypost.storage.database_image import database_image
from waypost.storage.declared_entries import declare_entries
from waypost.storage.migrations import HEAD
from waypost.storage.opening import report_unavailable

# How long what is due has before a dump, in real seconds: a provider may be slow, or down.
_SETTLE_S = 5.0
# The key of the folder stays, and what else somebody keeps there.
_STATE = ("waypost.db", "waypost.db-wal", "waypost.db-shm", "waypost.db.node-*", "world.db*", "clock.json")


def remove_state(data: Path) -> None:
    """Removes what a sandbox that is stopped wrote to its data folder, so that the next one begins anew."""
    for pattern in _STATE:
        for file in data.glob(pattern):
            file.unlink()


class SandboxOptions(NamedTuple):
    """What sandboxes have in common.

    Attributes:
        seed: what it begins with.
        limit: API calls a second for each account; 0 for no limit.
        callback_url: the callback URL of all accounts; empty to only store callbacks, for
            `GET /sandbox/callbacks`.
        retention: whether what is old is removed, at the default ages.
        durable: whether a commit waits for the disk.
        scenario: the situation that it begins in, one of `NAMED_SCENARIOS`; empty for none.
    """

    seed: Seed
    limit: int
    callback_url: str = ""
    retention: bool = False
    durable: bool = True
    scenario: str = ""


class Lifecycle(NamedTuple):
    """What is done with a sandbox as a whole, from outside of it.

    Attributes:
        reset: makes it anew, as it was at first.
        close: ends it; None for the common one, which ends with the process.
        load: makes it go on from a state.
        fork: makes one of another name go on from a state.
    """

    reset: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]] | None
    load: Callable[[SandboxState], Awaitable[None]]
    fork: Callable[[str, SandboxState], Awaitable[None]]


class Sandbox:
    """The service, the simulated providers and the phones on one data folder.

    Args:
        host, port: where it is reached.
        address: `http://host:port` of it, and its path if it has a name.
        data: the data folder.
        name: what its AccessKeyIds and its path begin with; empty for the common one.
        lifecycle: what is done with it as a whole.
        restored: what it goes on from, whose files are in the folder; None to begin.

    Attributes:
        service: from `start` on.
    """

    service: Waypost

    def __init__(
        self,
        host: str,
        port: int,
        address: str,
        data: Path,
        options: SandboxOptions,
        *,
        name: str,
        lifecycle: Lifecycle,
        restored: SandboxState | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.address = address
        self._data = data
        self._name = name
        self._options = options
        self._seed = options.seed.with_prefix(prefix_of(name)).with_callback_url(options.callback_url)
        self._lifecycle, self._goes_on = lifecycle, restored is not None
        self._travel: TimeTravel | None = None
        self._events = EventEndpoint(self._watch_commits)
        self._clock = persistent_clock(data / "clock.json", self._note_clock)
        self._disruptions = Disruptions(self._seed.route_of)
        self._next_ids = NextIds()
        self._disrupted_calls = DisruptedCalls(self._disruptions)
        self._signatures = RefusedSignatures(self._secret_of)
        self._calls = Calls(self._clock.now, self._disrupted_calls.refusal, self._signatures.note)
        self._calls.listen(self._events.note_call)
        webhook_url = f"{self.address}/receipts/{fixture.VIBER_ROUTE}/{RECEIPTS_SECRET}"
        self._services = ViberServices(fixture.VIBER_ROUTE, webhook_url)
        self._network = PhoneNetwork(
            data / "world.db",
            self._clock,
            self._services,
            callback_origin=self.address,
            disruptions=self._disruptions,
        )
        self._viber = ViberServer(self._network, self._services)
        self._chat = ChatProviders(self._network, self.address, self._approved_template, self._seed.senders)
        self._sms = SmsGateway(self._network, SMS_USERNAME, SMS_PASSWORD)
        if restored is not None:
            self._disruptions.restore(restored.disruptions)
            self._calls.restore(restored.listed_calls())
            self._next_ids.restore(restored.next_ids)
            self._chat.restore_retry_keys(restored.retry_keys)

    async def start(self, lock_file: Path | None = None) -> None:
        """Starts it; calls are accepted when this returns.

        Args:
            lock_file: a file of the data folder that must stay there.
        """
        try:
            await self._start(lock_file)
        except BaseException:
            await self._close_providers()
            raise

    async def _start(self, lock_file: Path | None) -> None:
        await self._viber.start()
        await self._sms.start()
        await self._chat.start()
        with report_unavailable(self._data):
            service = self.service = Waypost(
                self._settings(),
                self._clock,
                self.address,
                self._control_routes,
                durable=self._options.durable,
                gate=self._calls.gate,
                recorder=self._calls.recorder,
                sessions=partial(SandboxSessions, self._disruptions),
            )
            service.api_gateway.page_root = root_of(self._name)
            if lock_file is not None:
                service.store.watch(lock_file)
            self._services.configuration = service.configuration.current
            declared = self._seed.entries(service.secret_box)
            await declare_entries(service.store, declared, fixture.ORIGIN, self._clock.now())
            scenario = self._options.scenario
            if scenario and not self._goes_on:
                await begin_scenario(
                    scenario, self._disruptions, self._network, service.store, self._seed, self._clock.now()
                )
            await self._follow_disruptions()
            await service.start()
        await self._network.start()

    @property
    def is_watched(self) -> bool:
        """Whether a page of it is open, or its events are read."""
        return self._events.is_watched

    async def stop(self, limit: float | None = None) -> None:
        """Stops it.

        Args:
            limit: how long what is under way may take, in seconds; by default `server.stop_timeout`.
        """
        if self._travel is not None:
            self._travel.stop()
        self._disrupted_calls.close()
        self._events.close()
        await self.service.stop(limit)
        await self._close_providers()

    def handle(self, request: HttpRequest, reply: Reply) -> None:
        """Answers a call of the RPC API."""
        forward = partial(self._next_ids.handle, forward=self.service.api_gateway.handle)
        self._disrupted_calls.handle(request, reply, forward)

    async def dump(self) -> SandboxState:
        """All that it is, once what is due has been done; what hangs is in it as it is."""
        with suppress(TimeoutError, StoppedError):
            async with asyncio.timeout(_SETTLE_S):
                await self._require_travel().settle()
        await self._calls.flush()
        # In this order: what a provider took between the two is in doubt for the service, and not lost.
        database = packed(await asyncio.to_thread(database_image, self._data / DATABASE))
        phones = packed(await asyncio.to_thread(database_image, self._data / PHONES))
        calls = list(self._calls.listed)
        return SandboxState(
            format=FORMAT,
            schema=HEAD,
            about={
                "calls": len(calls),
                "phones": len(self._network.phones()),
                "next_due": await self._require_travel().next_due(),
            },
            now=self._clock.now(),
            seed=seed_state(self._options.seed),
            key=(self._data / KEY).read_text(encoding="utf-8"),
            database=database,
            phones=phones,
            calls=packed(msgspec.json.encode(calls)),
            disruptions=self._disruptions.state(),
            retry_keys=self._chat.retry_keys(),
            next_ids=self._next_ids.state(),
        )

    def _require_travel(self) -> TimeTravel:
        assert self._travel is not None
        return self._travel

    def _note_clock(self) -> None:
        self._events.note_clock(self._clock.now())

    def _watch_commits(self, listener: CommitListener | None) -> None:
        store = self.service.store
        if isinstance(store, WatchedStore):
            store.observe(listener)

    async def _follow_disruptions(self) -> None:
        """Lets the simulated providers refuse connections, or accept them, as the disruptions say."""
        servers = {"viber": self._viber.loopback, "sms": self._sms.loopback, **self._chat.loopbacks()}
        for channel, loopback in servers.items():
            await loopback.refuse_connections(self._disruptions.is_down(channel))
        self._events.note_disruptions()

    async def _close_providers(self) -> None:
        await self._viber.close()
        await self._sms.close()
        await self._chat.close()
        await self._network.close()

    def _approved_template(self, account: AccountId, name: str, language: str) -> Template | None:
        """An approved template of an account, which the simulated Meta also has."""
        template = self.service.configuration.current().template_of_any_space(account, name, language)
        is_approved = (
            template is not None
            and CHANNELS[template.channel].provider_holds_templates
            and template.status == APPROVED
        )
        return template if is_approved else None

    def _control_routes(self, service: Waypost) -> Sequence[BaseRoute]:
        self._travel = travel = TimeTravel(self._clock, service.store, self._network, service.next_review)
        home_page = HomePage(self._seed, self._options.limit, self._options.callback_url)
        control = Control(
            self._clock,
            service.store,
            self._network,
            travel,
            service.configuration.current,
            self._lifecycle.reset,
            self._lifecycle.close,
        )
        phones = Phones(self._network, PhoneLegs(service.store, service.configuration.current))
        shared = SharedAnswers(self._events.changes)
        pages = RecordPages(service.store, self._network, phones, self._calls, self._clock, shared)
        view = ViewPage(
            self._seed,
            service.store,
            self._network,
            phones,
            self._calls,
            travel,
            self._clock,
            pages,
            shared,
            self._disruptions,
            self._follow_disruptions,
            self.handle,
            self._options.callback_url,
        )
        state = StateEndpoints(self.dump, self._lifecycle.load, self._lifecycle.fork)
        renderer = Renderer()
        record = Record(self._calls, self._network, service.store, self._signatures)
        disruptions = DisruptionEndpoints(self._disruptions, self._follow_disruptions)
        routes = [
            *state.routes(),
            *self._next_ids.routes(),
            *self._events.routes(),
            *disruptions.routes(),
            *record.routes(),
            *ErrorPages(renderer, record.refused_call).routes(),
            *ExplorerPages(
                Renderer("waypost.sandbox"),
                explorer_access(
                    self._seed, self._calls, service.configuration.current, self._secret_of, self.handle
                ),
            ).routes(),
            *DoctorPage(renderer, self._secret_of, self._signatures.diagnosis).routes(),
            *control.routes(),
            *home_page.routes(),
            *view.routes(),
            *pages.routes(),
            *AgentPages().routes(),
        ]
        return for_local_requests(routes, self.host)

    def _secret_of(self, access_key_id: str) -> str | None:
        """The secret of an access key, of the seed or made by a call."""
        key = self.service.configuration.current().keys.get(access_key_id)
        return self.service.secret_box.decrypt(key.secret, key.id) if key is not None else None

    def _settings(self) -> Settings:
        # From the defaults alone, so that no file and no environment variable adds a real provider.
        defaults = load(None, {})
        replace = msgspec.structs.replace
        routes = route_tables(self._seed.senders, self._provider_url)
        return replace(
            defaults,
            server=replace(defaults.server, host=self.host, port=self.port),
            store=replace(defaults.store, data=str(self._data)),
            callbacks=replace(defaults.callbacks, allow_private=True),
            # Failures are scenarios here: those of one number must not hold up another.
            delivery=replace(defaults.delivery, breaker_threshold=0),
            viber=replace(defaults.viber, automatic_route=fixture.VIBER_ROUTE),
            templates=replace(defaults.templates, review="automatic", check_header_url=False),
            retention=defaults.retention if self._options.retention else KEEP_ALL,
            limits=replace(defaults.limits, calls_per_second=self._options.limit),
            routes={name: parse_route(table) for name, table in routes.items()},
            accounts=dict(self._seed.accounts),
        )

    def _provider_url(self, channel: str) -> str:
        with_servers_of_their_own = {"viber": self._viber.url, "sms": self._sms.url}
        return with_servers_of_their_own.get(channel) or self._chat.url_of(channel)
