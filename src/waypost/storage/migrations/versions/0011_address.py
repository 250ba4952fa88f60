"""How providers spell people's addresses; the window and the suppression list go by one spelling of each."""

import sqlalchemy as sa
from alembic import op

# The rows must be under the spelling that the code looks for, whatever that is when this is run.
from waypost.model.people import canonical_person

revision = "0011"
down_revision = "0010"

_PREFIXES = " OR ".join(f"{{column}} LIKE '{digits}%'" for digits in ("22", "52", "54", "55"))


def upgrade() -> None:
    """Adds the table, and rewrites the rows of people under another spelling than the canonical one."""
    op.create_table(
        "address",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("spelling", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "person"),
        sqlite_with_rowid=False,
    )
    _rewrite_conversations(op.get_bind())
    _rewrite_suppressions(op.get_bind())


def _rewrite_conversations(database: sa.Connection) -> None:
    rows = database.execute(
        sa.text(
            'SELECT channel, sender, "user", last_inbound FROM conversation WHERE '
            + _PREFIXES.format(column='"user"')
        )
    ).all()
    for channel, sender, user, last in rows:
        person = canonical_person(channel, user)
        if person == user:
            continue
        key = {"channel": channel, "sender": sender, "user": user, "person": person}
        database.execute(
            sa.text(
                "INSERT INTO conversation VALUES (:channel, :sender, :person, :last)"
                " ON CONFLICT DO UPDATE SET last_inbound = max(last_inbound, excluded.last_inbound)"
            ),
            key | {"last": last},
        )
        database.execute(
            sa.text(
                'DELETE FROM conversation WHERE channel = :channel AND sender = :sender AND "user" = :user'
            ),
            key,
        )
        database.execute(
            sa.text("INSERT INTO address VALUES (:channel, :person, :user) ON CONFLICT DO NOTHING"), key
        )


def _rewrite_suppressions(database: sa.Connection) -> None:
    rows = database.execute(
        sa.text(
            "SELECT account_id, recipient, channel, sender FROM suppression WHERE "
            + _PREFIXES.format(column="recipient")
        )
    ).all()
    for account_id, recipient, channel, sender in rows:
        person = canonical_person(channel, recipient)
        if person == recipient:
            continue
        key = {"account": account_id, "recipient": recipient, "channel": channel, "sender": sender}
        place = " WHERE account_id = :account AND recipient = :recipient AND channel = :channel"
        place += " AND sender = :sender"
        database.execute(
            sa.text(
                "INSERT INTO suppression SELECT account_id, :person, channel, sender, reason, detail, at"
                f" FROM suppression{place} ON CONFLICT DO NOTHING"
            ),
            key | {"person": person},
        )
        database.execute(sa.text(f"DELETE FROM suppression{place}"), key)
