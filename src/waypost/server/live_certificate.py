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
        self._context = load_certificate(settings)

    def use(self, context: ssl.SSLContext | None) -> None:
        """Shows another one, from `load_certificate`, to new connections."""
        self._context = context

    def connect(self, connections: Connections) -> asyncio.Protocol:
        """The protocol of a new connection: without a certificate plain HTTP and nothing else."""
        context = self._context
        return HttpProtocol(connections) if context is None else FirstByte(connections, lambda: context)


def load_certificate(settings: ServerSettings) -> ssl.SSLContext | None:
    """What the files of the settings have; None without files.

    Raises:
        CertificateError: they cannot be used.
    """
    if not settings.certificate:
        return None
    return tls_context(Path(settings.certificate), Path(settings.certificate_key))
