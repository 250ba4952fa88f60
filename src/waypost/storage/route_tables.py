"""The tables about routes, beside those of `waypost.storage.schema`."""

import sqlalchemy as sa

from waypost.storage.message_tables import NUMBER, metadata

route_state = sa.Table(
    "route_state",
    metadata,
    sa.Column("route", sa.Text, primary_key=True),
    sa.Column("breaker", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("failed", sa.BigInteger, nullable=False),
    sa.Column("probes", sa.Integer, nullable=False),
    sa.Column("probe_at", sa.BigInteger, nullable=False),
    sa.Column("prober", sa.BigInteger, nullable=False),
    sa.Column("paused_by", sa.Text, nullable=False),
    sa.Column("paused_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# How many requests of a route may start in a slice of time; below 0 for what was not used of that.
route_grant = sa.Table(
    "route_grant",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("slice", sa.BigInteger, nullable=False),
    sa.Column("run", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Index("route_grant_of_route", "route", "slice"),
)
