"""What the endpoints of ram have alike."""

from collections.abc import Callable
from typing import Any

from waypost.api.description import Operation
from waypost.api.operations.endpoint import Endpoint, ResourcesOf, Result

CALLS_A_SECOND = 50
"""The limit of each operation of ram, for an account."""


def ram_endpoint(
    operation: Operation[Any, Any], handle: Callable[..., Result[Any]], resources: ResourcesOf
) -> Endpoint:
    """An endpoint of ram: an account may call it without having subscribed to cams."""
    return Endpoint(operation, handle, CALLS_A_SECOND, unsubscribed=True, resources=resources)
