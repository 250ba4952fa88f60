"""The web application of all that is neither an RPC call nor a webhook: queue API, health endpoint, pages."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from waypost.api.http_messages import Handler, HttpRequest
from waypost.api.queues.queue_api import QueueApi
from waypost.console.pages import exception_handlers, page_routes
from waypost.console.refused_calls import FindCall
from waypost.console.rendering import CALLS_PART

_QUEUE_METHODS = ("GET", "PUT", "POST", "DELETE")


def web_application(
    queue_api: QueueApi,
    health_routes: Sequence[BaseRoute],
    *,
    public_url: str,
    find_call: FindCall,
    handle_call: Handler | None,
    more_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The ASGI application of all paths but those of the RPC API and the webhooks.

    Args:
        public_url: the URL of the service in pages; empty for the host of the request.
        find_call: finds a refused call by its RequestId, for the page of its error.
        handle_call: answers a call of the API, for the explorer; None for no explorer.
        more_routes: routes that take precedence over the common ones.
    """
    application = Starlette(
        routes=[
            *more_routes,
            Route("/queues", queue_api.handle, methods=_QUEUE_METHODS),
            Route("/queues/{rest:path}", queue_api.handle, methods=_QUEUE_METHODS),
            *health_routes,
            *page_routes(public_url, find_call, handle_call),
        ],
        exception_handlers=exception_handlers(public_url, has_explorer=handle_call is not None),
    )
    application.state.has_calls_pane = any(getattr(route, "path", "") == CALLS_PART for route in more_routes)
    return application


def is_api_call(request: HttpRequest) -> bool:
    """Whether a request is a call of the RPC API: its path is `/`, and it is not from a browser."""
    return request.path == "/" and not (request.method in ("GET", "HEAD") and _is_browser(request))


def _is_browser(request: HttpRequest) -> bool:
    """Whether a GET request for `/` is for the page: browsers accept text/html and sign nothing.

    Java's clients accept text/html by default, so what calls have and browsers have not counts first.
    """
    if b"Action=" in request.query:
        return False
    accepts_html = False
    for name, value in request.headers:
        lower = name.lower()
        if lower == b"authorization" or lower.startswith(b"x-acs-"):
            return False
        accepts_html = accepts_html or (lower == b"accept" and b"text/html" in value)
    return accepts_html
