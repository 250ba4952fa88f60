"""The states of the routes as this process knows them: whether one may be used now.

They are in the store, so that they outlive a process and all nodes agree; this keeps what was read last.
"""

from collections.abc import Callable

from waypost.model.routes.state import RouteState
from waypost.storage.contract import Store, Transaction


class LiveRouteStates:
    """The states of all routes, brought up to date by `refresh` and by this process's own changes.

    Args:
        store: where the states are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: dict[str, RouteState] = {}
        self._listeners: list[Callable[[str], None]] = []

    def state(self, route: str) -> RouteState:
        """The state of a route."""
        return self._states.get(route) or RouteState(route=route)

    def is_usable(self, route: str) -> bool:
        """Whether messages may be sent by a route now: its provider answers, and nobody paused it."""
        state = self._states.get(route)
        return state is None or state.is_usable

    def when_changed(self, listener: Callable[[str], None]) -> None:
        """Calls `listener` with the name of each route whose state has changed."""
        self._listeners.append(listener)

    async def refresh(self) -> None:
        """Reads the states again, because another process may have changed them."""
        for state in (await self._store.route_states.all()).values():
            self._note(state)

    async def replace(self, state: RouteState) -> bool:
        """Writes a state that was made of the one that is known; False if that was outdated, and now is not.

        Raises:
            StoreUnavailableError: nothing was written.
        """

        def change(transaction: Transaction) -> bool:
            return transaction.route_states.replace(state)

        is_written = await self._store.transact(change)
        await self.refresh()
        return is_written

    def _note(self, state: RouteState) -> None:
        before = self._states.get(state.route)
        if before == state or (before is not None and before.version > state.version):
            return
        self._states[state.route] = state
        for listener in self._listeners:
            listener(state.route)
