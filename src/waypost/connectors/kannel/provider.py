"""Kannel's row of the registry: the settings of a route, and the connector that they make."""

from typing import TYPE_CHECKING

from waypost.connectors.contract import Connector, Provider, RouteSettings
from waypost.model.content.segments import encoding

if TYPE_CHECKING:
    from waypost.outbound.client import HttpClient


class KannelRoute(RouteSettings, frozen=True, kw_only=True):
    """The settings of a route to an SMS gateway with Kannel's sendsms interface.

    Attributes:
        username, password: the credentials of the gateway's `sendsms-user`.
        reports_parts: whether the gateway reports on each part of a long SMS, as Kannel does.
    """

    username: str
    password: str
    reports_parts: bool = True


def connect(route: str, settings: KannelRoute, client: "HttpClient") -> Connector:
    """Creates the connector of a route."""
    # With what it sends, loaded for a route: the settings alone are read by commands that connect to nothing.
    from waypost.connectors.kannel.connector import KannelConnector

    return KannelConnector(
        route,
        client,
        url=settings.url,
        username=settings.username,
        password=settings.password,
        is_gsm=lambda text: encoding(text) == "gsm7",
        reports_parts=settings.reports_parts,
        timeout_s=settings.timeout,
    )


PROVIDER = Provider(
    "kannel",
    KannelRoute,
    connect,
    ("sms",),
    unchecked="the sendsms interface does nothing but send, so only a message shows it (--to)",
)
