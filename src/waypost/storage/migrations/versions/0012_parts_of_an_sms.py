"""Which parts of a long SMS are delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("attempt", sa.Column("delivered_parts", sa.Text(), nullable=False, server_default=""))
