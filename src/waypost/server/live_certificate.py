"""The certificate of `waypost serve`, which a reload of the settings replaces while connections are open."""

import asyncio
import ssl
from pathlib import Path

from waypost.config.certificate import tls_context
from waypost.config.settings import ServerSettings
from waypost.server.connections import Connections
from waypost.server.first_byte import FirstByte
from waypost.server.http_protocol import HttpProtocol


class LiveCertificate:
    """The certificate that new connections see; those that are open keep what they have.

    Args:
        settings: name its files, or none.

    Raises:
        CertificateError: the files cannot be used.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._context = _context_of(settings)

    def use(self, settings: ServerSettings) -> None:
        """Reads the files again, or others.

        Raises:
            CertificateError: they cannot be used; the present one stays.
        """
        self._context = _context_of(settings)

    def connect(self, connections: Connections) -> asyncio.Protocol:
        """The protocol of a new connection: without a certificate plain HTTP and nothing else."""
        context = self._context
        return HttpProtocol(connections) if context is None else FirstByte(connections, lambda: context)


def _context_of(settings: ServerSettings) -> ssl.SSLContext | None:
    if not settings.certificate:
        return None
    return tls_context(Path(settings.certificate), Path(settings.certificate_key))
