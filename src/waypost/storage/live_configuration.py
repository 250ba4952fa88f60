"""The configuration in memory: read when its version moves, never for a call."""

from collections.abc import Callable

from waypost.model.configuration import Configuration
from waypost.storage.contract import Store


class LiveConfiguration:
    """Keeps the current snapshot.

    Args:
        changed: told each new snapshot.
    """

    def __init__(self, store: Store, changed: Callable[[Configuration], None]) -> None:
        self._store = store
        self._changed = changed
        self._version = -1
        self._current = Configuration()

    def current(self) -> Configuration:
        """The snapshot."""
        return self._current

    async def refresh(self) -> bool:
        """Reads the configuration again if its version has moved; whether it had."""
        version = await self._store.configuration_version()
        if version == self._version:
            return False
        self._current = Configuration(await self._store.entries())
        self._version = version
        self._changed(self._current)
        return True
