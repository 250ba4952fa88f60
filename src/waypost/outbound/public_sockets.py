"""Sockets that refuse private addresses, for requests to URLs that customers chose.

The check is made where the HTTP client creates the socket, on the address that it connects to, so that it
cannot be bypassed by a name that resolves to a private address, by DNS rebinding, by an address in the URL,
or by a redirect.
"""

import socket
from errno import EHOSTUNREACH
from ipaddress import ip_address
from typing import Any

from aiohttp.abc import AbstractResolver
from yarl import URL

from waypost.model.public_addresses import is_public


class NotPublicError(OSError):
    """The address is not public. The message does not contain the address, because customers see it."""

    def __init__(self) -> None:
        super().__init__(EHOSTUNREACH, "its address is not one of the public internet")


async def require_public(names: AbstractResolver, url: str) -> None:
    """Refuses a URL that leads to a private address, before a proxy is given it.

    A name that cannot be resolved here is left to the proxy, which alone may have the names of the outside.

    Raises:
        NotPublicError: one of its addresses is not public.
    """
    host = URL(url).raw_host or ""
    try:
        addresses = [str(ip_address(host))]
    except ValueError:
        try:
            addresses = [found["host"] for found in await names.resolve(host, 0, socket.AF_UNSPEC)]
        except OSError:
            return
    if not all(map(is_public, addresses)):
        raise NotPublicError


def public_socket(address_info: tuple[Any, ...]) -> socket.socket:
    """Creates a socket for a public address; a `socket_factory` of `aiohttp.TCPConnector`.

    Args:
        address_info: family, type, protocol, name and address, as from `getaddrinfo`.

    Raises:
        NotPublicError: the address is not public.
    """
    family, kind, protocol, _, address = address_info
    if not is_public(str(address[0])):
        raise NotPublicError
    return socket.socket(family, kind, protocol)
