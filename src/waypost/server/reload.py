"""Reads the settings again while the service runs, and applies what can change without a restart."""

import asyncio
from collections.abc import Callable, Iterator

import structlog
from msgspec.structs import fields, replace

from waypost.config.certificate import CertificateError
from waypost.config.loading import Inspection
from waypost.config.settings import Settings
from waypost.server import logs
from waypost.server.app import Waypost
from waypost.server.live_certificate import LiveCertificate, load_certificate
from waypost.storage.contract import StoreUnavailableError

log = structlog.get_logger()

_WHOLE_SECTIONS = ("routes", "accounts", "retention")
_KEYS = (
    ("delivery", "concurrency"),
    ("log", "level"),
    ("server", "certificate"),
    ("server", "certificate_key"),
)


def log_warnings(inspection: Inspection) -> None:
    """Logs a line for each warning about the settings."""
    for mistake in inspection.warnings:
        log.warning("settings.warning", mistake=mistake.sentence)


class SettingsReload:
    """Reloads the settings of a service.

    Args:
        certificate: what the service shows, whose files are read again each time.
        inspect: reads and checks the settings; it may take a while and runs in a thread.
    """

    def __init__(
        self, service: Waypost, certificate: LiveCertificate, inspect: Callable[[], Inspection]
    ) -> None:
        self._service = service
        self._certificate = certificate
        self._inspect = inspect

    async def run(self, requested: asyncio.Event) -> None:
        """Reloads whenever it is requested, until it is cancelled."""
        while True:
            await requested.wait()
            requested.clear()
            try:
                await self.reload()
            except (StoreUnavailableError, CertificateError) as error:
                log.error("settings.not_applied", error=str(error))
            except Exception:
                log.exception("settings.not_applied")

    async def reload(self) -> None:
        """Reads the settings; with a mistake in them nothing changes.

        Raises:
            StoreUnavailableError: the accounts could not be written; nothing has changed.
            CertificateError: its files went wrong since they were checked; nothing has changed.
        """
        inspection = await asyncio.to_thread(self._inspect)
        if inspection.settings is None:
            log.error("settings.refused", mistakes=[mistake.sentence for mistake in inspection.errors])
            return
        log_warnings(inspection)
        present = self._service.settings
        if keys := list(needing_restart(present, inspection.settings)):
            log.warning("settings.need_restart", keys=keys)
        settings = with_reloaded(present, inspection.settings)
        certificate = load_certificate(settings.server)
        routes = await self._service.apply_settings(settings)
        logs.set_level(settings.log.level)
        self._certificate.use(certificate)
        log.info("settings.reloaded", accounts=len(settings.accounts), routes_changed=routes)


def with_reloaded(present: Settings, new: Settings) -> Settings:
    """The present settings with all of the new ones that a running service takes over."""
    settings = replace(present, **{section: getattr(new, section) for section in _WHOLE_SECTIONS})
    for section, key in _KEYS:
        value = getattr(getattr(new, section), key)
        settings = replace(settings, **{section: replace(getattr(settings, section), **{key: value})})
    return settings


def needing_restart(present: Settings, new: Settings) -> Iterator[str]:
    """The keys that differ and that only a start takes over."""
    for section in fields(Settings):
        if section.name in _WHOLE_SECTIONS:
            continue
        before, after = getattr(present, section.name), getattr(new, section.name)
        for key in fields(before):
            if (section.name, key.name) not in _KEYS and getattr(before, key.name) != getattr(
                after, key.name
            ):
                yield f"{section.name}.{key.name}"
