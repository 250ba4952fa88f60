"""Callback states in the field's words: `delivered` was `told`, `stored` was `kept`."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Renames the states of the callbacks that are there."""
    op.execute("UPDATE callback SET state = 'delivered' WHERE state = 'told'")
    op.execute("UPDATE callback SET state = 'stored' WHERE state = 'kept'")
