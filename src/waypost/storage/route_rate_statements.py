"""What of a route's rate is in use, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.route_tables import route_grant

P = sa.bindparam


class RouteRateStatements:
    """The SQL statements on `route_grant`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = route_grant.c
        of_route = columns.route == P("route")
        self.latest = to_sql(
            sa.select(columns.slice, columns.run, columns.number).where(of_route, columns.slice >= P("since"))
        )
        self.add = to_sql(
            sa.insert(route_grant).values({name: P(name) for name in ("route", "slice", "run", "number")})
        )
        self.forget_before = to_sql(sa.delete(route_grant).where(of_route, columns.slice < P("slice")))
        self.forget_after = to_sql(sa.delete(route_grant).where(of_route, columns.slice > P("slice")))
