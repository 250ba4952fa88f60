"""The version of the last change of each configuration entry, so that only what changed is read again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds the column; the entries that are there have the version that the configuration has."""
    op.add_column("configuration", sa.Column("version", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE configuration SET version = "
        "coalesce((SELECT CAST(value AS BIGINT) FROM fact WHERE name = 'configuration_version'), 0)"
    )
    op.create_index("configuration_by_version", "configuration", ["version"])
    op.create_index("configuration_by_origin", "configuration", ["origin", "version"])
    op.create_index("configuration_by_account", "configuration", ["account_id", "kind", "version"])
