"""Viber's row of the registry: what an operator sets for a route, and the connector that it comes to."""

import aiohttp

from waypost.connectors.contract import Connector, Provider, RouteSettings
from waypost.connectors.viber.connector import ViberConnector


class ViberRoute(RouteSettings, frozen=True, kw_only=True):
    """A route to Viber's partner API.

    Attributes:
        headers: added to each request, for a relay of your own.
    """

    headers: dict[str, str] = {}


def connect(route: str, settings: ViberRoute, session: aiohttp.ClientSession) -> Connector:
    """The connector of a route."""
    return ViberConnector(
        route,
        session,
        url=settings.url,
        extra_headers=settings.headers,
        timeout_s=settings.timeout,
    )


PROVIDER = Provider("viber", ViberRoute, connect)
