"""Which requests the control endpoints answer: those of the tester, not of a page that the tester visits.

A page of any site can make the browser that shows it send requests to this machine, and read the answers if
its own name leads here (DNS rebinding). Its requests carry its name in `Host` or `Origin`.
"""

from collections.abc import Iterable
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

_REFUSAL = "the sandbox answers here to localhost and addresses alone, and to no page of another site"


def is_local(host: str, origin: str | None, bound_to: str) -> bool:
    """Whether a request may be answered.

    Args:
        host: its header `Host`.
        origin: its header `Origin`; None if it has none.
        bound_to: the address or name that the sandbox listens on. One that other machines reach lets them use
            whatever name they have for it.
    """
    if origin is not None and origin.partition("://")[2] != host:
        return False
    name = _without_port(host)
    return not _is_loopback(bound_to) or name in ("localhost", bound_to.lower()) or _is_address(name)


def for_local_requests(routes: Iterable[Route], bound_to: str) -> list[BaseRoute]:
    """The routes, answering only requests that `is_local` allows; others are refused with 403."""
    guard = Middleware(_LocalRequests, bound_to=bound_to)
    return [
        Route(route.path, route.endpoint, methods=list(route.methods or ()), middleware=[guard])
        for route in routes
    ]


class _LocalRequests:
    def __init__(self, app: ASGIApp, bound_to: str) -> None:
        self._app = app
        self._bound_to = bound_to

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if is_local(headers.get("host", ""), headers.get("origin"), self._bound_to):
            await self._app(scope, receive, send)
        else:
            await JSONResponse({"error": _REFUSAL}, 403)(scope, receive, send)


def _without_port(host: str) -> str:
    """The name or address of a `Host` header in lower case, without brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _is_loopback(host: str) -> bool:
    return host.lower() == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
