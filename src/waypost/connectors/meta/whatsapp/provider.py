"""WhatsApp's row of the registry: the settings of a route, and the connector that they make."""

from typing import TYPE_CHECKING

from waypost.connectors.contract import Connector, CredentialRequest, Provider
from waypost.connectors.meta.graph_route import GraphRoute

if TYPE_CHECKING:
    from waypost.outbound.client import HttpClient


class WhatsAppRoute(GraphRoute, frozen=True, kw_only=True):
    """The settings of a route to the WhatsApp Cloud API.

    Attributes:
        token: the system user's access token.
        numbers: each sender's phone number id at Meta.
    """

    token: str
    numbers: dict[str, str]

    def sender_table(self) -> tuple[str, frozenset[str]]:
        """The senders that `numbers` has."""
        return "numbers", frozenset(self.numbers)


def connect(route: str, settings: WhatsAppRoute, client: "HttpClient") -> Connector:
    """Creates the connector of a route."""
    # With what it sends, loaded for a route: the settings alone are read by commands that connect to nothing.
    from waypost.connectors.meta.whatsapp.connector import WhatsAppConnector

    return WhatsAppConnector(
        route,
        client,
        token=settings.token,
        numbers=settings.numbers,
        url=settings.url,
        app_secret=settings.app_secret,
        verify_token=settings.verify_token,
        timeout_s=settings.timeout,
    )


def credentials(settings: WhatsAppRoute) -> list[CredentialRequest]:
    """Each phone number (Meta's OpenAPI, GET /{phone-number-id})."""
    headers = {"Authorization": f"Bearer {settings.token}"}
    return [
        CredentialRequest(sender, f"{settings.url.rstrip('/')}/{id_}?fields=id", headers, settings.token, id_)
        for sender, id_ in settings.numbers.items()
    ]


PROVIDER = Provider("whatsapp", WhatsAppRoute, connect, ("whatsapp",), credentials=credentials)
