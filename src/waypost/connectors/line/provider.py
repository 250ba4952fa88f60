"""LINE's row of the registry: what an operator sets for a route, and the connector that it comes to."""

import aiohttp

from waypost.connectors.contract import Connector, Provider, RouteSettings
from waypost.connectors.line.connector import LINE_URL, LineConnector


class LineRoute(RouteSettings, frozen=True, kw_only=True):
    """A route to one channel: its events do not carry the channel's id.

    Attributes:
        token: the channel access token.
        channel_secret: signs the webhooks; empty to take them unsigned.
        accepted_is_delivered: whether what was accepted counts as delivered, since no receipts exist.
    """

    url: str = LINE_URL
    token: str
    channel_secret: str
    accepted_is_delivered: bool = True


def connect(route: str, settings: LineRoute, session: aiohttp.ClientSession) -> Connector:
    """The connector of a route."""
    return LineConnector(
        route,
        session,
        url=settings.url,
        token=settings.token,
        channel_secret=settings.channel_secret,
        accepted_is_delivered=settings.accepted_is_delivered,
        timeout_s=settings.timeout,
    )


PROVIDER = Provider("line", LineRoute, connect)
