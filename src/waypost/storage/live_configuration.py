"""The configuration in memory: brought up to date by what changed, so that an API call reads no database."""

import asyncio
from collections.abc import Callable

from waypost.model.configuration import Configuration
from waypost.model.entry_changes import ConfigurationUpdate
from waypost.storage.contract import Store


class LiveConfiguration:
    """Holds the current snapshot of the configuration.

    Args:
        on_change: called with each new snapshot and with what made it of the one before.
    """

    def __init__(self, store: Store, on_change: Callable[[Configuration, ConfigurationUpdate], None]) -> None:
        self._store = store
        self._on_change = on_change
        self._current = Configuration()
        self._loaded = False
        # Of two that wait for the database, the slower one must not put back what the quicker one brought.
        self._refreshing = asyncio.Lock()

    def current(self) -> Configuration:
        """The snapshot that was loaded last; empty before the first `refresh`."""
        return self._current

    async def refresh(self) -> bool:
        """Applies what changed since the snapshot; returns whether anything had."""
        async with self._refreshing:
            reader = self._store.configuration
            if self._loaded:
                update = await reader.changes_since(self._current.version)
            else:
                update = await reader.everything()
            if not update:
                return False
            if update.whole:
                self._current = Configuration(update.changed, update.version)
            else:
                self._current = self._current.with_changes(update.changed, update.removed, update.version)
            self._loaded = True
            self._on_change(self._current, update)
            return True


async def load_configuration(store: Store) -> Configuration:
    """A snapshot of the configuration as it is now."""
    update = await store.configuration.everything()
    return Configuration(update.changed, update.version)
