"""Keeps requests to URLs that customers chose away from the networks behind this service.

The check stands where the HTTP client makes the socket, on the very address it is about to connect to, so
that neither a name that resolves to a private address, nor one that resolves otherwise the second time, nor
an address written in the URL, nor a redirect gets past it.
"""

import socket
from errno import EHOSTUNREACH
from typing import Any

from waypost.model.public_addresses import is_public


class NotPublicError(OSError):
    """The address is none of the public internet; which one it is stays unsaid, as customers read this."""

    def __init__(self) -> None:
        super().__init__(EHOSTUNREACH, "its address is not one of the public internet")


def public_socket(where: tuple[Any, ...]) -> socket.socket:
    """Makes the socket for an address, as `aiohttp.TCPConnector(socket_factory=...)` asks for one.

    Args:
        where: family, type, protocol, name and address, as `getaddrinfo` gives them.

    Raises:
        NotPublicError: the address is not to be connected to.
    """
    family, kind, protocol, _, address = where
    if not is_public(str(address[0])):
        raise NotPublicError
    return socket.socket(family, kind, protocol)
