"""Leased work: each row of the journal has a lane, an id of its own and a claim; each message a version.

Rows that wait get their lane. A message that was accepted and not sent yet gets its leg 0 and that leg's
expiry timer, which now begin with the call.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# The default of `delivery.receipt_grace`.
_RECEIPT_GRACE_MS = 300_000


def upgrade() -> None:
    """Adds the columns, and gives what waits its lane."""
    op.add_column("leg", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("journal", sa.Column("lane", sa.Text(), nullable=False, server_default=""))
    op.add_column("journal", sa.Column("fence", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("journal", sa.Column("lease_until", sa.BigInteger(), nullable=False, server_default="0"))
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "node",
        sa.Column("run", number, nullable=False, autoincrement=True),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "template_count_delta",
        sa.Column("id", number, nullable=False, autoincrement=True),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("template_code", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.drop_index("journal_due", "journal")
    _start_legs()
    _give_lanes()
    op.drop_index("journal_by_message", "journal")
    op.create_index("journal_lane", "journal", ["stage", "lane", "visible_at"])
    op.create_index(
        "journal_timer", "journal", ["message_id", "visible_at"], sqlite_where=sa.text("stage = 'timer'")
    )
    op.create_index(
        "journal_push",
        "journal",
        ["message_id", "lane"],
        unique=True,
        sqlite_where=sa.text("stage = 'callback' AND message_id != ''"),
    )


def _start_legs() -> None:
    op.execute("UPDATE journal SET stage = 'dispatch' WHERE stage = 'fallback'")
    unsent = """
        FROM journal JOIN message ON message.shard = journal.shard AND message.message_id = journal.message_id
        LEFT JOIN leg ON leg.shard = journal.shard AND leg.message_id = journal.message_id AND leg.leg = 0
        WHERE journal.stage = 'dispatch' AND leg.leg IS NULL
    """
    accepted_at = "json_extract(message.body, '$.accepted_at')"
    op.execute(f"""
        INSERT INTO journal (shard, stage, message_id, visible_at, body, tries)
        SELECT message.shard, 'timer', message.message_id,
            {accepted_at} + json_extract(message.body, '$.ttl') * 1000 + {_RECEIPT_GRACE_MS},
            json_object('kind', 'expiry', 'leg', 0), 0
        {unsent}
    """)
    op.execute(f"""
        INSERT INTO leg (shard, message_id, leg, channel, sender, recipient, route, state, why, attempts,
            failure, code, text, double_delivery, started_at, updated_at, version)
        SELECT message.shard, message.message_id, 0, json_extract(message.body, '$.channel'),
            json_extract(message.body, '$.sender'), json_extract(message.body, '$.recipient'),
            {
        _ROUTE_OF.format(
            channel="json_extract(message.body, '$.channel')", sender="json_extract(message.body, '$.sender')"
        )
    },
            'queued', '', 0, NULL, '', '', 0, {accepted_at}, {accepted_at}, 0
        {unsent}
    """)


_ROUTE_OF = """coalesce((SELECT json_extract(CAST(configuration.body AS TEXT), '$.route') FROM configuration
    WHERE configuration.kind = 'sender' AND configuration.id = {channel} || '/' || {sender}), '')"""


def _give_lanes() -> None:
    op.execute("""
        UPDATE journal SET lane = coalesce((
            SELECT leg.route || ' ' || message.account_id || CASE
                WHEN coalesce(json_extract(message.body, '$.label'), '') = 'promotion'
                    OR coalesce(json_extract(message.body, '$.category'), '') = 'MARKETING'
                THEN ' promotion' ELSE ' transaction' END
            FROM leg JOIN message ON message.shard = leg.shard AND message.message_id = leg.message_id
            WHERE leg.shard = journal.shard AND leg.message_id = journal.message_id
                AND leg.leg = coalesce(json_extract(journal.body, '$.leg'), 0)), '  transaction')
        WHERE stage = 'dispatch'
    """)
    op.execute("""
        UPDATE journal SET lane = coalesce(json_extract(body, '$.receipt.route'),
            json_extract(body, '$.inbound.route'), '')
        WHERE stage = 'receipt'
    """)
    # One row a message and URL serves for all that wait; the earliest stays, with its time.
    op.execute("""
        UPDATE journal SET lane = coalesce((
            SELECT callback.account_id || ' ' || callback.url FROM callback
            WHERE callback.id = CAST(journal.body AS INTEGER)), '')
        WHERE stage = 'callback'
    """)
    op.execute("DELETE FROM journal WHERE stage = 'callback' AND lane = ''")
    op.execute("""
        DELETE FROM journal WHERE stage = 'callback' AND message_id != '' AND seq NOT IN (
            SELECT min(seq) FROM journal WHERE stage = 'callback' AND message_id != ''
            GROUP BY message_id, lane)
    """)
    op.execute("UPDATE journal SET body = '' WHERE stage = 'callback' AND message_id != ''")
