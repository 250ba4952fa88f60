"""What was written, for whoever watches a store; a store that nobody watches keeps none of it."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from waypost.storage.changes import Command

CommitListener = Callable[[Sequence[Command]], None]
"""Takes the commands of a transaction, on the event loop, after it is flushed."""


@runtime_checkable
class WatchedStore(Protocol):
    """A store whose commits can be watched."""

    def observe(self, listener: CommitListener | None) -> None:
        """Calls `listener` with what this process writes from now on; None for nobody."""
        ...
