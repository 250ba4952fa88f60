"""Telegram's row of the registry: what an operator sets for a route, and the connector that it comes to."""

import aiohttp

from waypost.connectors.contract import Connector, Provider, RouteSettings
from waypost.connectors.telegram.connector import TELEGRAM_URL, TelegramConnector


class TelegramRoute(RouteSettings, frozen=True, kw_only=True):
    """A route to one bot: its updates do not say whose they are.

    Attributes:
        token: the bot's.
        secret_token: what `setWebhook` was given, and each update shows.
        accepted_is_delivered: whether what was accepted counts as delivered, since no receipts exist.
    """

    url: str = TELEGRAM_URL
    token: str
    secret_token: str
    accepted_is_delivered: bool = True


def connect(route: str, settings: TelegramRoute, session: aiohttp.ClientSession) -> Connector:
    """The connector of a route."""
    return TelegramConnector(
        route,
        session,
        url=settings.url,
        token=settings.token,
        secret_token=settings.secret_token,
        accepted_is_delivered=settings.accepted_is_delivered,
        timeout_s=settings.timeout,
    )


PROVIDER = Provider("telegram", TelegramRoute, connect)
