"""Messenger's and Instagram's rows of the registry: the settings and the connector of a route."""

from typing import TYPE_CHECKING

from waypost.connectors.contract import Connector, CredentialRequest, Provider
from waypost.connectors.meta.graph_route import GraphRoute

if TYPE_CHECKING:
    from waypost.outbound.client import HttpClient


class MessengerRoute(GraphRoute, frozen=True, kw_only=True):
    """The settings of a route to the Send API for Facebook pages.

    Attributes:
        tokens: each sender's access token.
        template_tag: the message tag of templates; without one Meta accepts them only within 24 hours after
            the user's last message.
    """

    tokens: dict[str, str]
    template_tag: str = ""

    def sender_table(self) -> tuple[str, frozenset[str]]:
        """The senders that `tokens` has."""
        return "tokens", frozenset(self.tokens)


class InstagramRoute(MessengerRoute, frozen=True, kw_only=True):
    """The settings of a route to the Send API for Instagram professional accounts.

    Attributes:
        accepted_is_delivered: whether an accepted message counts as delivered, because Instagram has only
            read receipts.
    """

    accepted_is_delivered: bool = True


def connect_messenger(route: str, settings: MessengerRoute, client: "HttpClient") -> Connector:
    """Creates the connector of a route for Facebook pages."""
    # With what it sends, loaded for a route: the settings alone are read by commands that connect to nothing.
    from waypost.connectors.meta.pages.connector import PageConnector

    return PageConnector(
        route,
        client,
        channel="messenger",
        tokens=settings.tokens,
        url=settings.url,
        app_secret=settings.app_secret,
        verify_token=settings.verify_token,
        template_tag=settings.template_tag,
        timeout_s=settings.timeout,
    )


def connect_instagram(route: str, settings: InstagramRoute, client: "HttpClient") -> Connector:
    """Creates the connector of a route for Instagram accounts."""
    # With what it sends, loaded for a route: the settings alone are read by commands that connect to nothing.
    from waypost.connectors.meta.pages.connector import PageConnector

    return PageConnector(
        route,
        client,
        channel="instagram",
        tokens=settings.tokens,
        url=settings.url,
        app_secret=settings.app_secret,
        verify_token=settings.verify_token,
        template_tag=settings.template_tag,
        accepted_is_delivered=settings.accepted_is_delivered,
        timeout_s=settings.timeout,
    )


def credentials(settings: MessengerRoute) -> list[CredentialRequest]:
    """The page, or account, that each token is for (Graph API, GET /me)."""
    return [
        CredentialRequest(
            sender,
            f"{settings.url.rstrip('/')}/me?fields=id",
            {"Authorization": f"Bearer {token}"},
            token,
            sender,
        )
        for sender, token in settings.tokens.items()
    ]


MESSENGER = Provider("messenger", MessengerRoute, connect_messenger, ("messenger",), credentials=credentials)
INSTAGRAM = Provider("instagram", InstagramRoute, connect_instagram, ("instagram",), credentials=credentials)
