"""The limits of the throttle: those of operations, and those that the configuration sets for accounts."""

from waypost.api.operations.catalogue import EVERY
from waypost.api.queues.call import QUEUE_ACTIONS
from waypost.api.throttle import Throttle
from waypost.model.configuration import Account, Configuration
from waypost.model.entries import kind_of
from waypost.model.entry_changes import ConfigurationUpdate

_ACCOUNT = kind_of(Account)


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
        self._limits: dict[str, int] = {}

    def apply(self, configuration: Configuration, update: ConfigurationUpdate) -> None:
        """Sets the limits that have changed; those of operations with their own limit stay.

        Args:
            update: what made the snapshot of the one before.
        """
        if update.whole:
            for account_id in self._limits.keys() - configuration.accounts.keys():
                self._set(account_id, None)
        for entry in update.changed:
            if isinstance(entry, Account):
                self._set(entry.id, entry.limit)
        for kind, id_ in update.removed:
            if kind == _ACCOUNT:
                self._set(id_, None)

    def _set(self, account_id: str, limit: int | None) -> None:
        # An override restarts the count, so an unchanged limit is not set again.
        if self._limits.get(account_id) == limit:
            return
        if limit is None:
            del self._limits[account_id]
        else:
            self._limits[account_id] = limit
        for name, endpoint in EVERY.items():
            if endpoint.limit is None:
                self._throttle.override(account_id, name, limit)
        for action in QUEUE_ACTIONS:
            self._throttle.override(account_id, action, limit)
