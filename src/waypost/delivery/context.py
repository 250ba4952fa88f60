"""The dependencies that all stages share."""

from collections.abc import Callable
from typing import NamedTuple

from waypost.clock import Clock
from waypost.delivery.options import DeliveryOptions
from waypost.model.configuration import Configuration


class DeliveryContext(NamedTuple):
    """The clock, the configuration and the delivery settings.

    Attributes:
        configuration: returns the current snapshot.
    """

    clock: Clock
    configuration: Callable[[], Configuration]
    settings: DeliveryOptions
