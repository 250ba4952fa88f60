"""The routes of a running service, which a reload of the settings replaces while messages are under way."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from waypost.config.settings import Settings
from waypost.connectors.contract import Connector, RouteSettings
from waypost.connectors.registry import connect
from waypost.delivery.routes import Route
from waypost.outbound.client import HttpClient
from waypost.outbound.proxy import chosen_proxy
from waypost.server.http_sessions import HttpSessions

WebhookRoutes = Mapping[str, tuple[Connector, str]]
"""By name of the route: its connector, and the secret last part of its webhook URL."""


class ConnectedRoute(NamedTuple):
    """A route with what it was made of.

    Attributes:
        width: how many requests it may have out.
        client: its connections.
    """

    settings: RouteSettings
    width: int
    client: HttpClient
    route: Route


class LiveRoutes:
    """Connects routes, and replaces them.

    Args:
        address: `http://host:port` by which providers reach this service.

    Attributes:
        current: the routes by name; the same mapping for all who use it, whatever is replaced.
        connected: the same with what each was made of.
    """

    def __init__(self, address: str, sessions: HttpSessions) -> None:
        self.current: dict[str, Route] = {}
        self.connected: Mapping[str, ConnectedRoute] = {}
        self._address = address
        self._sessions = sessions
        self._listener: Callable[[WebhookRoutes], None] = lambda _: None
        self._closing: set[asyncio.Task[None]] = set()

    def when_replaced(self, listener: Callable[[WebhookRoutes], None]) -> None:
        """Calls `listener` with the routes of webhooks now, and whenever they are replaced."""
        self._listener = listener
        listener(self.webhook_routes())

    def webhook_routes(self) -> WebhookRoutes:
        """The connectors and secrets for webhooks."""
        return {name: (one.route.connector, one.settings.secret) for name, one in self.connected.items()}

    def connect(self, settings: Settings) -> dict[str, ConnectedRoute]:
        """The routes that settings declare: those that are as they were, and new ones for all others.

        Raises:
            ValueError: a connector cannot be made with its settings.
        """
        width = settings.delivery.concurrency
        connected: dict[str, ConnectedRoute] = {}
        new: list[ConnectedRoute] = []
        try:
            for name, route in settings.routes.items():
                before = self.connected.get(name)
                if before is None or (before.settings, before.width) != (route, width):
                    before = self._connect(name, route, width)
                    new.append(before)
                connected[name] = before
        except ValueError:
            self.close_later(new, 0)
            raise
        return connected

    def use(self, connected: Mapping[str, ConnectedRoute]) -> None:
        """Lets what begins from now on go by these routes; an attempt that is out ends by its own."""
        self.connected = connected
        self.current.clear()
        self.current.update({name: one.route for name, one in connected.items()})
        self._listener(self.webhook_routes())

    def close_later(self, unused: Iterable[ConnectedRoute], seconds: float) -> None:
        """Closes the connections of routes when no attempt can be on them any more.

        Args:
            seconds: how long the claim on an attempt holds, after which it has ended or was not begun.
        """
        for one in unused:
            task = asyncio.get_running_loop().create_task(self._close(one.client, seconds))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _close(self, client: HttpClient, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._sessions.close_client(client)

    def stop(self) -> None:
        """Leaves the connections of replaced routes to `HttpSessions.close`."""
        for task in self._closing:
            task.cancel()

    def _connect(self, name: str, settings: RouteSettings, width: int) -> ConnectedRoute:
        client = self._sessions.open_client(width, chosen_proxy(settings.proxy, settings.url))
        route = Route(
            name,
            connect(name, settings, client),
            f"{self._address}/receipts/{name}/{settings.secret}",
            longest_request=3 * settings.timeout,
            rate=settings.rate,
        )
        return ConnectedRoute(settings, width, client, route)
