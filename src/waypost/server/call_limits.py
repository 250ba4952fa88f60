"""The limits of the throttle: those of operations, and those that the configuration sets for accounts."""

from waypost.api.operations.catalogue import EVERY
from waypost.api.queues.call import QUEUE_ACTIONS
from waypost.api.throttle import Throttle
from waypost.model.configuration import Configuration


def create_throttle(calls_per_second: int) -> Throttle:
    """A throttle with the limits of the operations that have their own.

    Args:
        calls_per_second: the limit of all other operations; 0 for no limits at all.
    """
    operation_limits = {
        name: endpoint.limit if calls_per_second else 0
        for name, endpoint in EVERY.items()
        if endpoint.limit is not None
    }
    return Throttle(operation_limits, calls_per_second)


class AccountLimits:
    """Sets the limits of accounts in the throttle when the configuration changes."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._limits: dict[str, int | None] = {}

    def apply(self, configuration: Configuration) -> None:
        """Sets the limits that have changed; those of operations with their own limit stay."""
        for account in configuration.accounts.values():
            # An override restarts the count, so an unchanged limit is not set again.
            if self._limits.get(account.id) == account.limit:
                continue
            self._limits[account.id] = account.limit
            for name, endpoint in EVERY.items():
                if endpoint.limit is None:
                    self._throttle.override(account.id, name, account.limit)
            for action in QUEUE_ACTIONS:
                self._throttle.override(account.id, action, account.limit)
