"""Checks of routes: what their providers' own types cannot say, and their secrets."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from waypost.config.checks.addresses import nearest_url
from waypost.config.checks.draft import Draft
from waypost.config.mistakes import Mistake

# What a path of a URL carries as it is (RFC 3986, section 3.3).
_IN_A_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]*")


def check_routes(draft: Draft) -> Iterator[Mistake]:
    """Yields what is wrong with the values of routes."""
    for name, route in draft.settings.routes.items():
        at = ("routes", name)
        for error in route.errors():
            near = nearest_url(route.url) if error.key == "url" else ""
            yield Mistake((*at, error.key), error.problem, error.allowed, error.value, near)
        if not route.secret:
            allowed = "the unguessable end of the address that receipts come to is needed"
            yield Mistake((*at, "secret"), "is empty", allowed)
        elif not _IN_A_PATH.fullmatch(route.secret):
            allowed = "it is a part of a URL: letters, digits and any of . _ ~ - are allowed"
            yield Mistake((*at, "secret"), "has characters that are not allowed", allowed)


def is_on_this_machine(url: str) -> bool:
    """Whether a URL is one of this machine."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
