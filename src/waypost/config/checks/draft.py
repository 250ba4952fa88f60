"""What the checks look at: settings that are converted, and may still be wrong."""

from collections.abc import Mapping
from typing import NamedTuple

from waypost.config.settings import Settings


class Draft(NamedTuple):
    """Settings before they are used.

    Attributes:
        settings: with stand-ins for values of a wrong type; without the routes whose kind is unknown.
        channels: by the name of each route, those with an unknown kind too, the channels that it carries.
    """

    settings: Settings
    channels: Mapping[str, tuple[str, ...]]
