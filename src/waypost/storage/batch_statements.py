"""The SQL of what messages come to: one statement a table and kind, executed once for each row."""

import sqlalchemy as sa

from waypost.storage.schema import (
    address,
    attempt,
    callback,
    conversation,
    event,
    inbound,
    inbound_message,
    journal,
    leg,
    message,
    queue_message,
    sms_count,
    suppression,
    template_count_delta,
)


def _insert(table: sa.Table, suffix: str = "", *, without: tuple[str, ...] = ()) -> str:
    names = [column.name for column in table.c if column.name not in without]
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}){suffix}"


def _upsert(table: sa.Table, *, fixed: tuple[str, ...] = ()) -> str:
    """Inserts a row, or changes all but its key and its `fixed` columns."""
    keys = [column.name for column in table.primary_key]
    columns = [column.name for column in table.c if column.name not in (*keys, *fixed)]
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return _insert(table, f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}")


BATCH = {
    "messages": _insert(message),
    # SQLite writes the entries of every index anew that has a column which a statement names.
    "legs": _upsert(leg, fixed=("channel", "sender", "recipient", "why", "started_at")),
    "readdressed": "UPDATE leg SET recipient = ? WHERE shard = ? AND message_id = ? AND leg = ?",
    "attempts": _upsert(attempt),
    "inbounds": _insert(inbound),
    "inbound_messages": _insert(inbound_message, without=("id",)),
    "conversations": _insert(conversation) + " ON CONFLICT DO UPDATE SET last_inbound = excluded.last_inbound"
    " WHERE excluded.last_inbound > conversation.last_inbound",
    "spellings": _insert(address) + " ON CONFLICT DO UPDATE SET spelling = excluded.spelling"
    " WHERE excluded.spelling <> address.spelling",
    "suppressions": _insert(suppression, " ON CONFLICT DO NOTHING"),
    "unsuppressed": "DELETE FROM suppression WHERE account_id = ? AND recipient IN (?, ?) AND channel = ?"
    " AND sender = ? AND reason = ? AND at <= ?",
    "events": _insert(event, without=("id",)),
    "counts": _insert(template_count_delta, without=("id",)),
    "sms_counts": _insert(sms_count, " ON CONFLICT DO UPDATE SET count = count + 1"),
    # Those of past hours are of no use: each SMS removes more of them than it adds.
    "old_sms_counts": "DELETE FROM sms_count WHERE (account_id, scope, key, hour) IN"
    " (SELECT account_id, scope, key, hour FROM sms_count WHERE hour < ? LIMIT 6)",
    "callbacks": _insert(callback),
    "ended_callbacks": "UPDATE callback SET state = ?, tries = ?, error = ?, ended_at = ?, url = ?"
    " WHERE id = ?",
    "queue_messages": _insert(queue_message, without=("id",)),
    "work": _insert(journal),
    # One push a message and URL: callbacks that are published meanwhile wait for its end.
    "pushes": _insert(journal, " ON CONFLICT DO NOTHING"),
    "finished": "DELETE FROM journal WHERE seq = ?",
    "finished_pushes": "DELETE FROM journal WHERE seq = ? AND NOT EXISTS (SELECT 1 FROM callback WHERE"
    " message_id = ? AND message_id <> '' AND state = 'waiting' AND url = ?)",
    "freed_pushes": "UPDATE journal SET tries = 0, fence = 0, lease_until = 0 WHERE seq = ?",
    "postponed": "UPDATE journal SET visible_at = ?, tries = tries + ?, fence = 0, lease_until = 0"
    " WHERE seq = ?",
    "dropped_timers": "DELETE FROM journal WHERE stage = 'timer' AND message_id = ?",
}
"""In the order in which they are written: what others look at comes first."""
