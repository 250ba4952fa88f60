"""Tells public IP addresses, where customers' URLs may lead, from private ones, where they may not."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Addresses assigned to anybody (RFC 4291); the rest of IPv6 is local, special or nobody's.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Translates to the IPv4 address in its last 32 bits (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
# What `ipaddress` takes for public: protocol assignments (RFC 6890), where Oracle's cloud had its metadata,
# and the host that a machine of Azure's reaches by a public address.
_NOT_PUBLIC = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not private, loopback, link-local (where clouds
    have their metadata), shared, multicast or reserved, and no other form of such a one.

    Raises:
        ValueError: it is no IP address.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = _inner(ip)
        if inner is None:
            return ip in _GLOBAL_UNICAST and ip.is_global
        ip = inner
    return (
        ip.is_global
        and not ip.is_multicast
        and not ip.is_reserved
        and not any(ip in of for of in _NOT_PUBLIC)
    )


def _inner(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
