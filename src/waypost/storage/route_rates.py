"""What of a route's rate is in use: how many requests may start in each slice of time, for all nodes.

A grant is a row that is added; what a node did not use of one is a row below 0. No row is ever changed.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from waypost.model.routes.slices import AHEAD, SLICES, WINDOW, Grant, grant

if TYPE_CHECKING:
    from waypost.storage.route_rate_statements import RouteRateStatements

Rows = list[tuple[Any, ...]]

# So many slices back are looked at: those that a second may touch, and what is made up for.
_LOOKED_AT = WINDOW + AHEAD
# Slices so far off are over, or of before the machine started.
_FORGOTTEN_AFTER = 4 * SLICES


class RateRequest(NamedTuple):
    """What a node asks for.

    Attributes:
        rate: requests of the route in a second.
        run: the run of the node.
        present: the slice of now.
        requested: how many requests it would start in this slice and the next ones.
        returned: what it did not use of earlier grants.
    """

    route: str
    rate: int
    run: int
    present: int
    requested: int
    returned: Sequence[Grant] = ()


class RouteRates:
    """Grants within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: "RouteRateStatements"
    ) -> None:
        self._run = run
        self._sql = statements

    def grant(self, request: RateRequest) -> list[Grant]:
        """Takes back what was not used, and grants what the rate leaves; whoever gets nothing is on record
        as one who wants some."""
        route, present = request.route, request.present
        self._run(self._sql.forget_before, {"route": route, "slice": present - _FORGOTTEN_AFTER})
        self._run(self._sql.forget_after, {"route": route, "slice": present + _FORGOTTEN_AFTER})
        for one in request.returned:
            self._add(route, one)
        rows, _ = self._run(self._sql.latest, {"route": route, "since": present - _LOOKED_AT})
        granted = [Grant(*row) for row in rows]
        made = grant(granted, request.requested, request.rate, request.run, present)
        for one in made or [Grant(present, request.run, 0)]:
            self._add(route, one)
        return made

    def _add(self, route: str, one: Grant) -> None:
        self._run(self._sql.add, {"route": route, **one._asdict()})
