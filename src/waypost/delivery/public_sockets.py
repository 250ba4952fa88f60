"""Keeps pushes to URLs that customers chose away from the networks behind this service.

The check stands where the HTTP client makes the socket, on the very address it is about to connect to, so
that neither a name that resolves to a private address, nor one that resolves otherwise the second time, nor
an address written in the URL gets past it.
"""

import socket
from errno import EHOSTUNREACH
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

# Translates to the IPv4 address in its last 32 bits (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


class NotPublicError(OSError):
    """The address is none of the public internet."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not private, loopback, link-local (where clouds
    have their metadata), shared, multicast or reserved, and no other form of such a one."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = _inner(ip)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _inner(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.teredo is not None:
        return ip.teredo[1]
    return ip.ipv4_mapped or ip.sixtofour


def public_socket(where: tuple[Any, ...]) -> socket.socket:
    """Makes the socket for an address, as `aiohttp.TCPConnector(socket_factory=...)` asks for one.

    Args:
        where: family, type, protocol, name and address, as `getaddrinfo` gives them.

    Raises:
        NotPublicError: the address is not to be connected to.
    """
    family, kind, protocol, _, address = where
    if not is_public(str(address[0])):
        raise NotPublicError(EHOSTUNREACH, f"{address[0]} is not an address of the public internet")
    return socket.socket(family, kind, protocol)
