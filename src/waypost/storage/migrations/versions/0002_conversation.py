"""When a user last wrote to a sender, for the channels that allow free messages for a time after it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "conversation",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("last_inbound", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "sender", "user"),
        sqlite_with_rowid=False,
    )
