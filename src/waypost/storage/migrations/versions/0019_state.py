"""Leaves legs that no provider has yet out of the index of states."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Builds the index anew."""
    op.drop_index("leg_by_state", "leg")
    is_with_provider = sa.text("state NOT IN ('queued', 'submitting')")
    op.create_index(
        "leg_by_state",
        "leg",
        ["state", "message_id"],
        sqlite_where=is_with_provider,
        postgresql_where=is_with_provider,
    )
