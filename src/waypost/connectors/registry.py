"""The registry of providers. A new provider has a folder of its own and a row here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from waypost.connectors.contract import Connector, Provider, RouteSettings
from waypost.connectors.kannel import provider as kannel
from waypost.connectors.line import provider as line
from waypost.connectors.meta.pages import provider as pages
from waypost.connectors.meta.whatsapp import provider as whatsapp
from waypost.connectors.telegram import provider as telegram
from waypost.connectors.viber import provider as viber

if TYPE_CHECKING:
    from waypost.outbound.client import HttpClient

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
"""The providers by the `kind` of their routes in the settings."""


class RouteSettingsError(Exception):
    """The settings of a route are invalid; the message has the key and what is allowed."""


def parse_route(table: Mapping[str, Any]) -> RouteSettings:
    """Parses and checks the table of a route in the settings.

    Raises:
        RouteSettingsError: it has an unknown kind or key, or a value of the wrong type or out of range.
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
        raise RouteSettingsError("; ".join(error.sentence for error in errors))
    return settings


def connect(route: str, settings: RouteSettings, client: "HttpClient") -> Connector:
    """Creates the connector of a route.

    Args:
        route: the name of the route.
        client: the HTTP client of this route alone.
    """
    provider = next(row for row in PROVIDERS.values() if row.settings is type(settings))
    return provider.connect(route, settings, client)
