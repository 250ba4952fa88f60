"""Viber's row of the registry: the settings of a route, and the connector that they make."""

from typing import TYPE_CHECKING

from waypost.connectors.contract import Connector, Provider, RouteSettings

if TYPE_CHECKING:
    from waypost.outbound.client import HttpClient


class ViberRoute(RouteSettings, frozen=True, kw_only=True):
    """The settings of a route to Viber's partner API.

    Attributes:
        headers: headers to add to each request, for a relay that needs them.
    """

    headers: dict[str, str] = {}


def connect(route: str, settings: ViberRoute, client: "HttpClient") -> Connector:
    """Creates the connector of a route."""
    # With what it sends, loaded for a route: the settings alone are read by commands that connect to nothing.
    from waypost.connectors.viber.connector import ViberConnector

    return ViberConnector(
        route,
        client,
        url=settings.url,
        extra_headers=settings.headers,
        timeout_s=settings.timeout,
    )


PROVIDER = Provider(
    "viber",
    ViberRoute,
    connect,
    ("viber",),
    unchecked="Viber knows its partners by their network addresses, so only a message shows it (--to)",
)
