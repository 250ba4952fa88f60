"""Indexes by which what is old is found among what people wrote."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Adds the indexes."""
    op.create_index("inbound_by_age", "inbound", ["at"])
    op.create_index("inbound_message_by_age", "inbound_message", ["at"])
    op.create_index("conversation_by_age", "conversation", ["last_inbound"])
