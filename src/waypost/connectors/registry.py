"""The registry of providers: a new provider is a folder and a row here."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from waypost.connectors.contract import Connector, Provider, RouteSettings
from waypost.connectors.kannel import provider as kannel
from waypost.connectors.line import provider as line
from waypost.connectors.meta.pages import provider as pages
from waypost.connectors.meta.whatsapp import provider as whatsapp
from waypost.connectors.telegram import provider as telegram
from waypost.connectors.viber import provider as viber

PROVIDERS: dict[str, Provider[Any]] = {
    provider.kind: provider
    for provider in (
        viber.PROVIDER,
        kannel.PROVIDER,
        whatsapp.PROVIDER,
        pages.MESSENGER,
        pages.INSTAGRAM,
        telegram.PROVIDER,
        line.PROVIDER,
    )
}
"""By the `kind` of a route in the settings."""


class RouteSettingsError(Exception):
    """A route's settings cannot be used; the message says which key and what is allowed."""


def read_route(table: Mapping[str, Any]) -> RouteSettings:
    """The settings of a route, from its table.

    Raises:
        RouteSettingsError: an unknown kind or key, a value of the wrong type or out of range.
    """
    kind = table.get("kind")
    provider = PROVIDERS.get(kind) if isinstance(kind, str) else None
    if provider is None:
        raise RouteSettingsError(f"kind is {kind!r}; allowed are {', '.join(PROVIDERS)}")
    members = {key: value for key, value in table.items() if key != "kind"}
    try:
        settings: RouteSettings = msgspec.convert(members, provider.settings, strict=False)
    except msgspec.ValidationError as error:
        raise RouteSettingsError(str(error)) from None
    if errors := settings.errors():
        raise RouteSettingsError("; ".join(errors))
    return settings


def connect(route: str, settings: RouteSettings, session: aiohttp.ClientSession) -> Connector:
    """The connector of a route.

    Args:
        route: its name.
        session: whose connections it uses, and nobody else.
    """
    provider = next(each for each in PROVIDERS.values() if each.settings is type(settings))
    return provider.connect(route, settings, session)
