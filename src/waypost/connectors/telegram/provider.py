"""Telegram's row of the registry: the settings of a route, and the connector that they make."""

from typing import TYPE_CHECKING

from waypost.connectors.contract import Connector, CredentialRequest, Provider, RouteSettings

if TYPE_CHECKING:
    from waypost.outbound.client import HttpClient

TELEGRAM_URL = "https://api.telegram.org"


class TelegramRoute(RouteSettings, frozen=True, kw_only=True):
    """The settings of a route to one bot; webhooks do not have the bot's id.

    Attributes:
        token: the token of the bot.
        secret_token: the `secret_token` of `setWebhook`, which each webhook carries.
        accepted_is_delivered: whether an accepted message counts as delivered, because Telegram has no
            receipts.
    """

    url: str = TELEGRAM_URL
    token: str
    secret_token: str
    accepted_is_delivered: bool = True


def connect(route: str, settings: TelegramRoute, client: "HttpClient") -> Connector:
    """Creates the connector of a route."""
    # With what it sends, loaded for a route: the settings alone are read by commands that connect to nothing.
    from waypost.connectors.telegram.connector import TelegramConnector

    return TelegramConnector(
        route,
        client,
        url=settings.url,
        token=settings.token,
        secret_token=settings.secret_token,
        accepted_is_delivered=settings.accepted_is_delivered,
        timeout_s=settings.timeout,
    )


def credentials(settings: TelegramRoute) -> list[CredentialRequest]:
    """The bot's own user (Bot API, getMe)."""
    url = f"{settings.url.rstrip('/')}/bot{settings.token}/getMe"
    return [CredentialRequest("", url, {}, settings.token)]


PROVIDER = Provider(
    "telegram", TelegramRoute, connect, ("telegram",), names_senders=False, credentials=credentials
)
