"""Pauses a route, so that nothing is sent by it until it is resumed; what is for it waits."""

from collections.abc import Callable

import msgspec

from waypost.model.routes.state import RouteState
from waypost.storage.contract import Store, Transaction


async def set_paused(store: Store, route: str, by: str, now: int) -> tuple[RouteState, bool]:
    """Pauses or resumes a route; returns its state and whether that has changed.

    Args:
        by: who pauses it; empty to resume it.
        now: milliseconds UTC.

    Raises:
        StoreUnavailableError: nothing was written.
    """
    while True:
        state = (await store.route_states.all()).get(route) or RouteState(route=route)
        if state.is_paused is bool(by):
            return state, False
        changed = msgspec.structs.replace(state, paused_by=by, paused_at=now if by else 0)
        if await store.transact(_replacement(changed)):
            return changed, True


def _replacement(state: RouteState) -> Callable[[Transaction], bool]:
    def change(transaction: Transaction) -> bool:
        return transaction.route_states.replace(state)

    return change
