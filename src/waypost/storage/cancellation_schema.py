"""The table of cancellations."""

import sqlalchemy as sa

from waypost.storage.message_tables import NUMBER, metadata, partial_index

# What is cancelled of an account: all that was accepted before and is not with a provider.
cancellation = sa.Table(
    "cancellation",
    metadata,
    # Drawn, so that it tells nobody how many there are.
    sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("account_id", sa.Text, nullable=False),
    # Each narrows the others; an empty one does not.
    sa.Column("space_id", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("group_id", sa.Text, nullable=False),
    sa.Column("template_code", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("cancelled", sa.BigInteger, nullable=False),
    sa.Column("with_provider", sa.BigInteger, nullable=False),
    # When every leg had ended, and when that was published, too.
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("done_at", sa.BigInteger),
    sa.Index("cancellation_by_account", "account_id", "id"),
)
partial_index("cancellation_open", cancellation.c.id, where=cancellation.c.done_at.is_(None))
