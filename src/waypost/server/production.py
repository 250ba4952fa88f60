"""`waypost serve`: the service with real providers and real time."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from waypost.clock import SystemClock
from waypost.config.loading import Inspection
from waypost.config.paths import secret_key_path
from waypost.config.settings import Settings
from waypost.model.access.principals import AccessKey
from waypost.server import logs
from waypost.server.address import service_address
from waypost.server.app import Waypost
from waypost.server.hangup import hangup_requests
from waypost.server.http import listen, port_of, serve
from waypost.server.http_bounds import Bounds
from waypost.server.live_certificate import LiveCertificate
from waypost.server.open_files import raise_file_limit
from waypost.server.reload import SettingsReload, log_warnings
from waypost.server.stop_deadline import StopDeadline
from waypost.storage.data_lock import hold_data_folder
from waypost.storage.opening import report_unavailable
from waypost.storage.secrets import SecretsError

log = structlog.get_logger()


async def run(inspect: Callable[[], Inspection], on_ready: Callable[[str], None]) -> None:
    """Runs the service until SIGTERM or SIGINT; SIGHUP has it read its settings again.

    Args:
        inspect: reads and checks the settings.
        on_ready: called with `http://host:port` once calls are accepted.

    Raises:
        SettingsError, SecretsError, CannotListenError, DataFolderLockedError, UnusableDatabaseError: the
            service cannot start; the message has the remedy.
        FilesLostError: its database was taken away.
    """
    with hangup_requests() as reload_requested:
        inspection = inspect()
        settings = inspection.usable()
        logs.configure_logging(settings.log)
        log_warnings(inspection)
        await _run(settings, inspect, reload_requested, on_ready)


async def _run(
    settings: Settings,
    inspect: Callable[[], Inspection],
    reload_requested: asyncio.Event,
    on_ready: Callable[[str], None],
) -> None:
    host = settings.server.host
    certificate = LiveCertificate(settings.server)
    data = Path(settings.store.data)
    with listen(host, settings.server.port) as listener, hold_data_folder(data) as lock_file:
        address = service_address(host, port_of(listener))
        with report_unavailable(data):
            service = Waypost(settings, SystemClock(), address)
            service.store.watch(lock_file)
            await _check_secrets(service)
            await service.start()

        def ready() -> None:
            log.info(
                "ready",
                address=address,
                data=settings.store.data,
                accounts=len(settings.accounts),
                receipts=[f"{service.address}/receipts/{name}/<secret>" for name in settings.routes],
            )
            on_ready(address)

        reloading = asyncio.create_task(SettingsReload(service, certificate, inspect).run(reload_requested))

        async def stop() -> None:
            reloading.cancel()
            await service.stop()

        server = settings.server
        bounds = Bounds.from_settings(server, raise_file_limit(server.max_connections))
        await serve(
            service,
            listener,
            bounds,
            ready=ready,
            stop=stop,
            failed=service.failed,
            deadline=StopDeadline(server.stop_timeout),
            connect=certificate.connect,
        )
        log.info("stopped")


async def _check_secrets(service: Waypost) -> None:
    """Checks at the start that the key file is the one that secrets were encrypted with.

    Raises:
        SecretsError: it is another; the message names the file.
    """
    try:
        for entry in await service.store.configuration.entries():
            if isinstance(entry, AccessKey):
                service.secret_box.decrypt(entry.secret, entry.id)
    except SecretsError as error:
        raise SecretsError(
            f"{secret_key_path(service.settings)}: {error}. Put the right file there, or name it by [store] "
            "key_file"
        ) from None
