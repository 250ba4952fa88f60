"""The client of a request that came by a trusted proxy: its address, and whether it used TLS.

A proxy appends to what it received, so only the right end of a list is certain: from there the addresses are
read to the left as long as they are those of trusted proxies. The first other one is the client's, whatever
it wrote to the left of it.

Sources: RFC 7239 (`Forwarded`); X-Forwarded-For and X-Forwarded-Proto as nginx and Caddy write them.
"""

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

# A token or a quoted text, after its name.
_PAIR = re.compile(r"""\s*([A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*""")
_ESCAPED = re.compile(r"\\(.)")
_NAMES = (b"x-forwarded-for", b"x-forwarded-proto", b"forwarded")


class Client(NamedTuple):
    """Who sent a request.

    Attributes:
        address: the network address; an IPv4 address in IPv6 form is written as the former.
        secure: whether it used TLS.
    """

    address: str
    secure: bool


class _Hop(NamedTuple):
    """What one proxy wrote: whom it got the request from, and by which scheme; empty if it did not say."""

    address: str
    scheme: str


def plain_address(address: str) -> str:
    """An address without brackets and port, one of IPv4 in IPv6 form as the former; empty for none."""
    text = address.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ip_address(text)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed)


def forwarded_client(
    headers: Iterable[tuple[bytes, bytes]], connected: Client, is_trusted: Callable[[str], bool]
) -> Client:
    """The client of a request from a trusted proxy.

    X-Forwarded-For counts where both it and Forwarded were sent.

    Args:
        connected: the proxy, and whether it used TLS; it is the client as far as it did not say another.
        is_trusted: whether an address is that of a trusted proxy.
    """
    values: dict[bytes, list[str]] = {name: [] for name in _NAMES}
    for name, value in headers:
        lower = name.lower()
        if lower in values:
            values[lower].append(value.decode("latin-1"))
    addresses, schemes, forwarded = (values[name] for name in _NAMES)
    hops = _hops(addresses, schemes) if addresses or not forwarded else _forwarded_hops(forwarded)
    client = connected
    for hop in reversed(hops):
        if hop.scheme in ("http", "https"):
            client = client._replace(secure=hop.scheme == "https")
        address = plain_address(hop.address)
        if not address:
            break
        client = client._replace(address=address)
        if not is_trusted(address):
            break
    return client


def _hops(addresses: list[str], schemes: list[str]) -> list[_Hop]:
    """The hops of X-Forwarded-For; the schemes belong to the last ones, a single one to the client's."""
    listed = [text.strip() for text in ",".join(addresses).split(",")] if addresses else [""]
    by = [text.strip().lower() for text in ",".join(schemes).split(",")] if schemes else []
    if len(by) == 1:
        by *= len(listed)
    by = by[-len(listed) :]
    by = [""] * (len(listed) - len(by)) + by
    return [_Hop(*pair) for pair in zip(listed, by, strict=True)]


def _forwarded_hops(values: list[str]) -> list[_Hop]:
    """The hops of Forwarded; what is not well formed ends the list, as nothing left of it is certain."""
    hops: list[_Hop] = []
    text, place, pairs = ",".join(values), 0, dict[str, str]()
    while place < len(text):
        match = _PAIR.match(text, place)
        end = match.end() if match is not None else len(text)
        if match is None or text[end : end + 1] not in ("", ";", ","):
            # A broken element hides what is left of it and itself, not what a later proxy appended.
            rest = text.find(",", place)
            hops, pairs = [_Hop("", "")], {}
            if rest < 0:
                return hops
            place = rest + 1
            continue
        value = match[3] if match[2] is None else _ESCAPED.sub(r"\1", match[2])
        pairs[match[1].lower()] = value
        if text[end : end + 1] != ";":
            hops.append(_Hop(pairs.get("for", ""), pairs.get("proto", "").lower()))
            pairs = {}
        place = end + 1
    return hops
