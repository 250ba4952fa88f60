"""What a route of the settings comes to: the connector that carries its legs, with its credentials."""

import aiohttp

from waypost.config.route_settings import (
    InstagramRoute,
    KannelRoute,
    LineRoute,
    MessengerRoute,
    RouteSettings,
    TelegramRoute,
    ViberRoute,
    WhatsAppRoute,
)
from waypost.connectors.contract import Connector
from waypost.connectors.kannel.connector import KannelConnector
from waypost.connectors.line.connector import LineConnector
from waypost.connectors.meta.pages.connector import PageConnector
from waypost.connectors.meta.whatsapp.connector import WhatsAppConnector
from waypost.connectors.telegram.connector import TelegramConnector
from waypost.connectors.viber.connector import ViberConnector
from waypost.model.content.segments import encoding


def connector_of(name: str, route: RouteSettings, session: aiohttp.ClientSession) -> Connector:
    """The connector of a route.

    Args:
        name: of the route.
        session: whose connections it uses, and nobody else.
    """
    match route:
        case ViberRoute():
            return ViberConnector(
                name,
                session,
                url=route.url,
                extra_headers=route.headers,
                timeout_s=route.timeout,
            )
        case KannelRoute():
            return KannelConnector(
                name,
                session,
                url=route.url,
                username=route.username,
                password=route.password,
                is_gsm=lambda text: encoding(text) == "gsm7",
                timeout_s=route.timeout,
            )
        case WhatsAppRoute():
            return WhatsAppConnector(
                name,
                session,
                token=route.token,
                numbers=route.numbers,
                url=route.url,
                app_secret=route.app_secret,
                verify_token=route.verify_token,
                timeout_s=route.timeout,
            )
        case MessengerRoute() | InstagramRoute():
            return PageConnector(
                name,
                session,
                channel="instagram" if isinstance(route, InstagramRoute) else "messenger",
                tokens=route.tokens,
                url=route.url,
                app_secret=route.app_secret,
                verify_token=route.verify_token,
                template_tag=route.template_tag,
                accepted_is_delivered=isinstance(route, InstagramRoute) and route.accepted_is_delivered,
                timeout_s=route.timeout,
            )
        case TelegramRoute():
            return TelegramConnector(
                name,
                session,
                token=route.token,
                url=route.url,
                secret_token=route.secret_token,
                accepted_is_delivered=route.accepted_is_delivered,
                timeout_s=route.timeout,
            )
        case LineRoute():
            return LineConnector(
                name,
                session,
                token=route.token,
                channel_secret=route.channel_secret,
                url=route.url,
                accepted_is_delivered=route.accepted_is_delivered,
                timeout_s=route.timeout,
            )
