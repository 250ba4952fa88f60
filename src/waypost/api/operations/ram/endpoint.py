"""Builds the endpoints of ram, with the properties that they share."""

from collections.abc import Callable
from typing import Any

from waypost.api.description import Operation
from waypost.api.operations.endpoint import Endpoint, ResourcesOf, Result

CALLS_A_SECOND = 50
"""The limit of each operation of ram, in calls per second and account."""


def ram_endpoint(
    operation: Operation[Any, Any], handle: Callable[..., Result[Any]], resources: ResourcesOf
) -> Endpoint:
    """Builds an endpoint of ram, which accounts may call without a subscription to cams."""
    return Endpoint(operation, handle, CALLS_A_SECOND, unsubscribed=True, resources=resources)
