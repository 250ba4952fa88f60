"""`waypost sandbox`: the service, the simulated providers and the phones in one process."""

import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec
from starlette.routing import BaseRoute

from waypost.config.loading import load
from waypost.config.paths import temporary_folder
from waypost.config.settings import Settings
from waypost.connectors.registry import parse_route
from waypost.model.channels import CHANNELS
from waypost.model.identifiers import AccountId
from waypost.model.retention import KEEP_ALL
from waypost.model.templates.template import APPROVED, Template
from waypost.sandbox import fixture
from waypost.sandbox.chat_providers import ChatProviders
from waypost.sandbox.control import Control
from waypost.sandbox.home_page import HomePage
from waypost.sandbox.local_requests import for_local_requests
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.sms_gateway import SmsGateway
from waypost.sandbox.time_travel import TimeTravel, persistent_clock
from waypost.sandbox.viber_server import ViberServer
from waypost.sandbox.viber_services import ViberServices
from waypost.server.address import service_address
from waypost.server.app import Waypost
from waypost.server.hangup import closed_terminal
from waypost.server.http import listen, port_of, serve
from waypost.server.http_bounds import Bounds
from waypost.server.open_files import raise_file_limit
from waypost.server.stop_deadline import StopDeadline
from waypost.storage.data_lock import hold_data_folder
from waypost.storage.declared_entries import declare_entries
from waypost.storage.opening import report_unavailable


class Sandbox:
    """A sandbox on one address.

    Args:
        data: the data folder.
        limit: API calls a second for each account; 0 for no limit.
        callback_url: the callback URL of all accounts; empty to only store callbacks, for
            `GET /sandbox/callbacks`.
        retention: whether what is old is removed, at the default ages.
    """

    def __init__(
        self,
        host: str,
        port: int,
        data: Path,
        *,
        limit: int,
        callback_url: str = "",
        retention: bool = False,
    ) -> None:
        self.host = host
        self._listener = listen(host, port)
        self.port = port_of(self._listener)
        self.address = service_address(host, self.port)
        self._data = data
        self._limit = limit
        self._callback_url = callback_url
        self._retention = retention
        self._service: Waypost | None = None
        self._travel: TimeTravel | None = None
        self._clock = persistent_clock(data / "clock.json")
        webhook_url = f"{self.address}/receipts/{fixture.VIBER_ROUTE}/{fixture.RECEIPTS_SECRET}"
        self._services = ViberServices(fixture.VIBER_ROUTE, webhook_url)
        self._network = PhoneNetwork(
            data / "world.db", self._clock, self._services, callback_origin=self.address
        )
        self._viber = ViberServer(self._network, self._services)
        self._chat = ChatProviders(self._network, self.address, self._approved_template)
        self._sms = SmsGateway(self._network, fixture.SMS_USERNAME, fixture.SMS_PASSWORD)

    async def run(self, lock_file: Path, ready: Callable[[], None]) -> None:
        """Runs until SIGTERM or SIGINT; calls `ready` once API calls are accepted."""
        await self._viber.start()
        await self._sms.start()
        await self._chat.start()
        with report_unavailable(self._data):
            service = Waypost(self._settings(), self._clock, self.address, self._control_routes)
            self._service = service
            service.store.watch(lock_file)
            self._services.configuration = service.configuration.current
            declared = fixture.entries(service.secret_box)
            await declare_entries(service.store, declared, fixture.ORIGIN, self._clock.now())
            await service.start()
        await self._network.start()

        async def stop() -> None:
            if self._travel is not None:
                self._travel.stop()
            await service.stop()
            await self._viber.close()
            await self._sms.close()
            await self._chat.close()
            await self._network.close()

        server = service.settings.server
        bounds = Bounds.from_settings(server, raise_file_limit(server.max_connections))
        await serve(
            service,
            self._listener,
            bounds,
            ready=ready,
            stop=stop,
            failed=service.failed,
            deadline=StopDeadline(server.stop_timeout),
            signals=(signal.SIGTERM, signal.SIGINT, *closed_terminal()),
        )

    def _approved_template(self, account: AccountId, name: str, language: str) -> Template | None:
        """An approved template of an account, which the simulated Meta also has."""
        if self._service is None:
            return None
        template = self._service.configuration.current().template_of_any_space(account, name, language)
        is_approved = (
            template is not None
            and CHANNELS[template.channel].provider_holds_templates
            and template.status == APPROVED
        )
        return template if is_approved else None

    def _control_routes(self, service: Waypost) -> Sequence[BaseRoute]:
        self._travel = travel = TimeTravel(self._clock, service.store, self._network, service.next_review)
        home_page = HomePage(limit=self._limit, callback_url=self._callback_url)
        control = Control(self._clock, service.store, self._network, travel, service.clear)
        return for_local_requests([*control.routes(), *home_page.routes()], self.host)

    def _settings(self) -> Settings:
        # From the defaults alone, so that no file and no environment variable adds a real provider.
        defaults = load(None, {})
        replace = msgspec.structs.replace
        routes = fixture.routes(self._viber.url, self._sms.url, self._chat.routes())
        return replace(
            defaults,
            server=replace(defaults.server, host=self.host, port=self.port),
            store=replace(defaults.store, data=str(self._data)),
            callbacks=replace(defaults.callbacks, allow_private=True),
            # Failures are scenarios here: those of one number must not hold up another.
            delivery=replace(defaults.delivery, breaker_threshold=0),
            viber=replace(defaults.viber, automatic_route=fixture.VIBER_ROUTE),
            templates=replace(defaults.templates, review="automatic", check_header_url=False),
            retention=defaults.retention if self._retention else KEEP_ALL,
            limits=replace(defaults.limits, calls_per_second=self._limit),
            routes={name: parse_route(table) for name, table in routes.items()},
            accounts=fixture.with_callback_url(self._callback_url),
        )


async def run(
    host: str,
    port: int,
    data: Path | None,
    *,
    limit: int,
    callback_url: str = "",
    retention: bool = False,
    on_ready: Callable[[str], None],
) -> None:
    """Runs a sandbox until SIGTERM or SIGINT.

    Args:
        data: the data folder; None for a temporary one.
        retention: whether what is old is removed, at the default ages.
        on_ready: called with `http://host:port` once calls are accepted.

    Raises:
        CannotListenError: the address is in use.
        DataFolderLockedError: another process holds the folder.
    """
    with ExitStack() as stack:
        if data is None:
            data = stack.enter_context(
                temporary_folder("waypost-sandbox-", ", or choose a folder with --data")
            )
        lock_file = stack.enter_context(hold_data_folder(data))
        sandbox = Sandbox(host, port, data, limit=limit, callback_url=callback_url, retention=retention)
        await sandbox.run(lock_file, lambda: on_ready(sandbox.address))
