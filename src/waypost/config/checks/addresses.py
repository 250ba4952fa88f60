"""Checks of URLs, network addresses, networks and proxies."""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from waypost.config.checks.draft import Draft
from waypost.config.mistakes import Mistake, Place, nearest_of
from waypost.outbound.proxy import proxy_error

_SCHEMES = ("https", "http")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(:/*|/+)(?=[^:/0-9])")
_HOST_ALONE = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z0-9-]+(:[0-9]+)?(/.*)?")


def check_addresses(draft: Draft) -> Iterator[Mistake]:
    """Yields what is no URL, no address or no network where one is needed."""
    server = draft.settings.server
    if server.public_url:
        yield from url_mistakes(("server", "public_url"), server.public_url)
        if set("?#") & set(server.public_url):
            allowed = "it must end before them, since paths are added to it"
            yield Mistake(("server", "public_url"), "has a ? or a #", allowed)
    if not server.host or re.search(r"[/\s]", server.host):
        allowed = "an address or a name of this machine is needed, without scheme and port"
        yield Mistake(("server", "host"), "is {value}", allowed, server.host)
    for number, network in enumerate(server.trusted_proxies):
        if not _is_network(network):
            allowed = "a network is needed, like 10.0.0.0/8 or 127.0.0.1/32"
            yield Mistake(("server", "trusted_proxies", number), "is {value}", allowed, network)
    for number, nameserver in enumerate(draft.settings.outbound.nameservers):
        if not _is_address(nameserver):
            allowed = "an address is needed, with a port or without"
            yield Mistake(("outbound", "nameservers", number), "is {value}", allowed, nameserver)
    if error := proxy_error(draft.settings.callbacks.proxy, "https://192.0.2.1"):
        yield Mistake(("callbacks", "proxy"), "is not allowed", error)
    for account_id, account in draft.settings.accounts.items():
        at = ("accounts", account_id)
        yield from url_mistakes((*at, "status_url"), account.status_url)
        yield from url_mistakes((*at, "inbound_url"), account.inbound_url)
        for number, sender in enumerate(account.senders):
            yield from url_mistakes((*at, "senders", number, "status_url"), sender.status_url)
            yield from url_mistakes((*at, "senders", number, "inbound_url"), sender.inbound_url)


def url_mistakes(place: Place, url: str | None) -> Iterator[Mistake]:
    """Yields what is wrong with a URL; nothing for none."""
    if not url:
        return
    problem = ""
    if not url.isascii() or not url.isprintable() or " " in url:
        problem = "is {value}, which has characters that a URL cannot have"
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        problem = "is {value}, which is no URL"
    else:
        if not url.lower().startswith(("http://", "https://")):
            yield Mistake(
                place, "is {value}", "it must begin with http:// or https://", url, nearest=nearest_url(url)
            )
            return
        if not has_host:
            problem = "is {value}, which has no host, or a port that there is not"
    if problem:
        yield Mistake(place, problem, "an http or https URL is needed", url)


def nearest_url(url: str) -> str:
    """The beginning that a URL without a right one probably was meant to have; empty if none is near."""
    if url.startswith(("http://", "https://")):
        return ""
    if (scheme := _SCHEME.match(url)) and (near := nearest_of(scheme[1], _SCHEMES)):
        return f"{near}://{url[scheme.end() :].partition('/')[0].rpartition('@')[2]}"
    return f"https://{url.partition('/')[0]}" if _HOST_ALONE.fullmatch(url) else ""


def _is_address(text: str) -> bool:
    """Whether a text is `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`."""
    address, port = text, "53"
    if text.startswith("[") or text.count(":") == 1:
        address, _, port = text.rpartition(":")
        address = address.removeprefix("[").removesuffix("]")
    try:
        ip_address(address)
    except ValueError:
        return False
    return port.isascii() and port.isdecimal() and 0 < int(port) < 65536


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
