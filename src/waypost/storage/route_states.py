"""The state of each route: read, and changed by compare-and-set."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from waypost.model.message.lanes import parse_dispatch_lane
from waypost.model.routes.state import Breaker, RouteState

if TYPE_CHECKING:
    from waypost.storage.route_state_statements import RouteStateStatements

Rows = list[tuple[Any, ...]]


class RouteBacklog(NamedTuple):
    """What a route has in the journal.

    Attributes:
        waiting: messages that wait for it, those that are tried again later included.
        in_flight: messages that a process has claimed.
    """

    waiting: int
    in_flight: int


class RouteStates:
    """Changes states within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: "RouteStateStatements"
    ) -> None:
        self._run = run
        self._sql = statements

    def replace(self, state: RouteState) -> bool:
        """Writes a state that was made of the one of its version; whether that was still the present one.

        What is written has the next version.
        """
        values = msgspec.structs.asdict(state) | {
            "breaker": state.breaker.value,
            "version": state.version + 1,
        }
        if state.version == 0:
            return self._run(self._sql.add, values)[1] > 0
        return self._run(self._sql.replace, {**values, "expected": state.version})[1] > 0


class RouteStateReader:
    """Reads states outside a transaction."""

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: "RouteStateStatements"
    ) -> None:
        self._read = read
        self._sql = statements

    async def all(self) -> dict[str, RouteState]:
        """The states that were ever written, by route; any other route has `RouteState(route=...)`."""
        return {row[0]: _to_state(row) for row in self._read(self._sql.all, {})}

    async def backlog(self, now: int) -> dict[str, RouteBacklog]:
        """What each route has in the journal; it looks at all rows of the stage.

        Args:
            now: real time, milliseconds UTC, by which leases end.
        """
        backlog: dict[str, RouteBacklog] = {}
        for lane, number, in_flight in self._read(self._sql.backlog, {"now": now}):
            route = parse_dispatch_lane(lane).route
            before = backlog.get(route, RouteBacklog(0, 0))
            backlog[route] = RouteBacklog(before.waiting + number - in_flight, before.in_flight + in_flight)
        return backlog


def _to_state(row: tuple[Any, ...]) -> RouteState:
    members = dict(zip(RouteState.__struct_fields__, row, strict=True))
    return RouteState(**members | {"breaker": Breaker(members["breaker"])})
