"""Which parts of a long SMS are delivered, and webhooks with items that were not understood."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Adds the column and the table."""
    op.add_column("attempt", sa.Column("delivered_parts", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "rejected_webhook",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        # An id that was listed never names another webhook.
        sqlite_autoincrement=True,
    )
    op.create_index("rejected_webhook_by_age", "rejected_webhook", ["at"])
