"""The web application beside the RPC API: webhooks, the queue API, the health endpoint and the pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from waypost.api.queues.queue_api import QueueApi
from waypost.console.pages import exception_handlers, page_routes
from waypost.server.health import HealthEndpoint
from waypost.server.webhooks import WebhookEndpoint

_QUEUE_METHODS = ("GET", "PUT", "POST", "DELETE")


def web_application(
    webhooks: WebhookEndpoint,
    queue_api: QueueApi,
    health: HealthEndpoint,
    *,
    public_url: str,
    more_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The ASGI application of all paths but the RPC API's.

    Args:
        public_url: the URL of the service in pages; empty for the host of the request.
        more_routes: routes that take precedence over the common ones.
    """
    return Starlette(
        routes=[
            *more_routes,
            Route("/receipts/{route}/{secret}", webhooks.handle, methods=["GET", "POST"]),
            Route("/queues", queue_api.handle, methods=_QUEUE_METHODS),
            Route("/queues/{rest:path}", queue_api.handle, methods=_QUEUE_METHODS),
            Route("/healthz", health.handle, methods=["GET"]),
            *page_routes(public_url),
        ],
        exception_handlers=exception_handlers(public_url),
    )


def is_api_call(scope: Mapping[str, Any]) -> bool:
    """Whether a request is a call of the RPC API: its path is `/`, and it is not from a browser."""
    return scope["type"] == "http" and scope["path"] == "/" and not _is_browser(scope)


def _is_browser(scope: Mapping[str, Any]) -> bool:
    """Whether a request for `/` is for the page: browsers accept text/html, clients of the API do not."""
    if scope["method"] not in ("GET", "HEAD") or b"Action=" in scope["query_string"]:
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
