"""The configuration in memory: loaded when its version changes, so that an API call reads no database."""

from collections.abc import Callable

from waypost.model.configuration import Configuration
from waypost.storage.contract import Store


class LiveConfiguration:
    """Holds the current snapshot of the configuration.

    Args:
        on_change: called with each new snapshot.
    """

    def __init__(self, store: Store, on_change: Callable[[Configuration], None]) -> None:
        self._store = store
        self._on_change = on_change
        self._version = -1
        self._current = Configuration()

    def current(self) -> Configuration:
        """The snapshot that was loaded last; empty before the first `refresh`."""
        return self._current

    async def refresh(self) -> bool:
        """Loads the configuration if its version has changed; returns whether it had."""
        version = await self._store.configuration_version()
        if version == self._version:
            return False
        self._current = Configuration(await self._store.entries())
        self._version = version
        self._on_change(self._current)
        return True
