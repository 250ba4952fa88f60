"""What every stage needs beside its work."""

from collections.abc import Callable
from typing import NamedTuple

from waypost.clock import Clock
from waypost.delivery.options import DeliveryOptions
from waypost.model.configuration import Configuration


class DeliveryContext(NamedTuple):
    """The clock, the current snapshot of the configuration, and what can be set about sending.

    Attributes:
        configuration: gives the current snapshot.
    """

    clock: Clock
    configuration: Callable[[], Configuration]
    settings: DeliveryOptions
