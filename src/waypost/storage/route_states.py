"""The state of each route: read, and changed by compare-and-set."""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.routes.state import Breaker, RouteState
from waypost.storage.route_tables import route_state
from waypost.storage.schema import node

P = sa.bindparam
Rows = list[tuple[Any, ...]]

_NAMES = tuple(column.name for column in route_state.c)


class RouteStateStatements:
    """The SQL statements on `route_state`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = route_state.c
        # The run of a node that died and whose number another one took is in no row any more.
        lives = sa.select(node.c.run).where(node.c.run == columns.prober).exists()
        prober = sa.case((lives, columns.prober), else_=sa.literal_column("0"))
        members = (prober if name == "prober" else columns[name] for name in _NAMES)
        self.all = to_sql(sa.select(*members).order_by(columns.route))
        self.add = to_sql(
            sa.insert(route_state)
            .prefix_with("OR IGNORE", dialect="sqlite")
            .values({name: P(name) for name in _NAMES})
        )
        self.replace = to_sql(
            sa.update(route_state)
            .where(columns.route == P("route"), columns.version == P("expected"))
            .values({name: P(name) for name in _NAMES if name != "route"})
        )


class RouteStates:
    """Changes states within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: RouteStateStatements
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

    def __init__(self, read: Callable[[str, dict[str, Any]], Rows], statements: RouteStateStatements) -> None:
        self._read = read
        self._sql = statements

    async def all(self) -> dict[str, RouteState]:
        """The states that were ever written, by route; any other route has `RouteState(route=...)`."""
        return {row[0]: _to_state(row) for row in self._read(self._sql.all, {})}


def _to_state(row: tuple[Any, ...]) -> RouteState:
    members = dict(zip(_NAMES, row, strict=True))
    return RouteState(**members | {"breaker": Breaker(members["breaker"])})
