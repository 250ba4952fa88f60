"""What the checks look at: settings that are converted, and may still be wrong."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from waypost.config.settings import Settings
from waypost.connectors.contract import Provider


class Draft(NamedTuple):
    """Settings before they are used.

    Attributes:
        settings: with stand-ins for values of a wrong type; without the routes whose kind is unknown.
        providers: by the name of each route, its provider; None for an unknown kind.
    """

    settings: Settings
    providers: Mapping[str, Provider[Any] | None]

    def carried_by(self, route: str) -> tuple[str, ...]:
        """The channels that a route carries; none if its kind is unknown, or there is no such route."""
        provider = self.providers.get(route)
        return provider.channels if provider is not None else ()
