"""HTTPS on a sandbox's port, with a certificate that is made when a client first asks for it."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from waypost.server.connections import Connections
from waypost.server.first_byte import FirstByte

if TYPE_CHECKING:
    from waypost.sandbox.local_authority import LocalCertificate


class SandboxCertificate:
    """The certificate of the sandboxes of a port.

    Args:
        folder: returns where its authority is kept; it raises CertificateError.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._certificate: LocalCertificate | None = None

    def connect(self, connections: Connections) -> asyncio.Protocol:
        """The protocol of a new connection."""
        return FirstByte(connections, self._context)

    def _context(self) -> ssl.SSLContext:
        if self._certificate is None:
            # Takes a tenth of a second, which a start without HTTPS need not wait for.
            from waypost.sandbox.local_authority import LocalCertificate

            self._certificate = LocalCertificate(self._folder())
        return self._certificate.context()
