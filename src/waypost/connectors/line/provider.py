"""LINE's row of the registry: the settings of a route, and the connector that they make."""

from typing import TYPE_CHECKING

from waypost.connectors.contract import Connector, CredentialRequest, Provider, RouteSettings

if TYPE_CHECKING:
    from waypost.outbound.client import HttpClient

LINE_URL = "https://api.line.me"


class LineRoute(RouteSettings, frozen=True, kw_only=True):
    """The settings of a route to one channel; webhooks do not have the channel's id.

    Attributes:
        token: the channel access token.
        channel_secret: the secret that signs the webhooks; empty to accept unsigned ones.
        accepted_is_delivered: whether an accepted message counts as delivered, because LINE has no receipts.
    """

    url: str = LINE_URL
    token: str
    channel_secret: str
    accepted_is_delivered: bool = True


def connect(route: str, settings: LineRoute, client: "HttpClient") -> Connector:
    """Creates the connector of a route."""
    # With what it sends, loaded for a route: the settings alone are read by commands that connect to nothing.
    from waypost.connectors.line.connector import LineConnector

    return LineConnector(
        route,
        client,
        url=settings.url,
        token=settings.token,
        channel_secret=settings.channel_secret,
        accepted_is_delivered=settings.accepted_is_delivered,
        timeout_s=settings.timeout,
    )


def credentials(settings: LineRoute) -> list[CredentialRequest]:
    """The bot's own info (LINE's OpenAPI, getBotInfo)."""
    url = f"{settings.url.rstrip('/')}/v2/bot/info"
    return [CredentialRequest("", url, {"Authorization": f"Bearer {settings.token}"}, settings.token)]


PROVIDER = Provider("line", LineRoute, connect, ("line",), names_senders=False, credentials=credentials)
