"""The settings that the routes to all Meta providers have."""

from waypost.connectors.contract import RouteSettings

GRAPH_URL = "https://graph.facebook.com/v23.0"


class GraphRoute(RouteSettings, frozen=True, kw_only=True):
    """The settings that the routes to all Meta providers have.

    Attributes:
        app_secret: the secret that signs the webhooks; empty to accept unsigned ones.
        verify_token: the verify token in the app's webhook settings.
    """

    url: str = GRAPH_URL
    app_secret: str
    verify_token: str
