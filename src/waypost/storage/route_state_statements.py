"""The states of routes, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.routes.state import RouteState
from waypost.storage.route_tables import route_state
from waypost.storage.schema import journal, node

P = sa.bindparam
_NAMES = RouteState.__struct_fields__


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
        under_way = sa.func.sum(sa.case((journal.c.lease_until > P("now"), 1), else_=0))
        self.backlog = to_sql(
            sa.select(journal.c.lane, sa.func.count(), under_way)
            .where(journal.c.stage == sa.literal_column("'dispatch'"))
            .group_by(journal.c.lane)
        )
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
