"""Kannel's row of the registry: what an operator sets for a route, and the connector that it comes to."""

import aiohttp

from waypost.connectors.contract import Connector, Provider, RouteSettings
from waypost.connectors.kannel.connector import KannelConnector
from waypost.model.content.segments import encoding


class KannelRoute(RouteSettings, frozen=True, kw_only=True):
    """A route to any SMS gateway with Kannel's sendsms interface.

    Attributes:
        username, password: of the gateway's `sendsms-user`.
    """

    username: str
    password: str


def connect(route: str, settings: KannelRoute, session: aiohttp.ClientSession) -> Connector:
    """The connector of a route."""
    return KannelConnector(
        route,
        session,
        url=settings.url,
        username=settings.username,
        password=settings.password,
        is_gsm=lambda text: encoding(text) == "gsm7",
        timeout_s=settings.timeout,
    )


PROVIDER = Provider("kannel", KannelRoute, connect)
