"""Columns and indexes by which messages are found; they are filled from the bodies."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_COLUMNS = ("space_id", "template_code", "task_id", "tag", "group_id")
_WHERE_PRESENT = {
    "message_by_template": "template_code",
    "message_by_task": "task_id",
    "message_by_tag": "tag",
    "message_by_group": "group_id",
}
# How many messages are filled in by one statement, which bounds the memory of all of them.
_AT_ONCE = 10_000


def upgrade() -> None:
    """Adds the columns, fills them, and adds the indexes."""
    for name in _COLUMNS:
        op.add_column("message", sa.Column(name, sa.Text()))
    _fill()
    op.create_index("message_by_space", "message", ["account_id", "space_id", "message_id"])
    op.drop_index("message_by_account", "message")
    for index, column in _WHERE_PRESENT.items():
        is_present = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            index,
            "message",
            [column, "message_id"],
            sqlite_where=is_present,
            postgresql_where=is_present,
        )
    op.create_index("leg_by_sender", "leg", ["channel", "sender", "message_id"])
    has_recipient = sa.text("recipient <> ''")
    op.create_index(
        "leg_by_recipient",
        "leg",
        ["recipient", "message_id"],
        sqlite_where=has_recipient,
        postgresql_where=has_recipient,
    )
    op.create_index("leg_by_state", "leg", ["state", "message_id"])


def _fill() -> None:
    connection = op.get_bind()
    last = sa.text(
        "SELECT max(message_id) FROM (SELECT message_id FROM message WHERE shard = 0 AND message_id > :after"
        " ORDER BY message_id LIMIT :at_once)"
    )
    # A body that is damaged keeps nothing from the others.
    values = ", ".join(f"{name} = nullif(body ->> '{name}', '')" for name in _WHERE_PRESENT.values())
    fill = sa.text(
        f"UPDATE message SET space_id = coalesce(body ->> 'space_id', ''), {values}"
        " WHERE shard = 0 AND message_id > :after AND message_id <= :until AND json_valid(body)"
    )
    after = ""
    while (until := connection.execute(last, {"after": after, "at_once": _AT_ONCE}).scalar()) is not None:
        connection.execute(fill, {"after": after, "until": until})
        after = until
