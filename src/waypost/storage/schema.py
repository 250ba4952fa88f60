"""The database tables, all of them in `metadata`; those of messages, legs, attempts and events are in
`message_tables`, and those of cancellations and routes in modules of their own."""

import sqlalchemy as sa

from waypost.storage.cancellation_schema import cancellation as cancellation
from waypost.storage.message_tables import NUMBER as NUMBER
from waypost.storage.message_tables import attempt as attempt
from waypost.storage.message_tables import event as event
from waypost.storage.message_tables import leg as leg
from waypost.storage.message_tables import message as message
from waypost.storage.message_tables import metadata as metadata
from waypost.storage.message_tables import partial_index as partial_index
from waypost.storage.route_tables import route_grant as route_grant
from waypost.storage.route_tables import route_state as route_state

callback = sa.Table(
    "callback",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Index("callback_by_message", "message_id"),
)
partial_index("callback_dead", callback.c.account_id, callback.c.id, where=callback.c.state == "dead")

journal = sa.Table(
    "journal",
    metadata,
    # Given by the writing process, never used twice: see `waypost.storage.sqlite.node`.
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("shard", sa.SmallInteger, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("visible_at", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("lane", sa.Text, nullable=False, server_default=""),
    # The latest claim, and its end in real time; both 0 for a row that nobody holds.
    sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("journal_lane", "stage", "lane", "visible_at"),
)
partial_index("journal_timer", journal.c.message_id, journal.c.visible_at, where=journal.c.stage == "timer")
_of_message = sa.and_(journal.c.stage == "callback", journal.c.message_id != "")
# Of one message and URL at most one push is under way.
partial_index("journal_push", journal.c.message_id, journal.c.lane, where=_of_message, unique=True)

node = sa.Table(
    "node",
    metadata,
    # Each run of a process that claims work has one; AUTOINCREMENT, because ids and fences are made of it.
    sa.Column("run", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("number", sa.SmallInteger, nullable=False),
    sqlite_autoincrement=True,
)

inbound = sa.Table(
    "inbound",
    metadata,
    sa.Column("route", sa.Text, primary_key=True),
    sa.Column("provider_id", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("inbound_by_age", "at"),
    sqlite_with_rowid=False,
)

inbound_message = sa.Table(
    "inbound_message",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("space_id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("provider_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index("inbound_message_of_sender", "account_id", "channel", "sender", "at"),
    sa.Index("inbound_message_by_age", "at"),
)

rejected_webhook = sa.Table(
    "rejected_webhook",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("items", sa.Text, nullable=False),
    sa.Index("rejected_webhook_by_age", "at"),
    # An id that was listed never names another webhook.
    sqlite_autoincrement=True,
)

conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("sender", sa.Text, primary_key=True),
    sa.Column("user", sa.Text, primary_key=True),
    sa.Column("last_inbound", sa.BigInteger, nullable=False),
    sa.Index("conversation_by_age", "last_inbound"),
    sqlite_with_rowid=False,
)

# How a channel's provider writes a person's address, where that has more than one spelling.
address = sa.Table(
    "address",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("spelling", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

queue_message = sa.Table(
    "queue_message",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("enqueued_at", sa.BigInteger, nullable=False),
    sa.Column("visible_at", sa.BigInteger, nullable=False),
    sa.Column("received", sa.Integer, nullable=False),
    sa.Column("first_received_at", sa.BigInteger),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Index("queue_message_due", "queue", "visible_at"),
    sa.Index("queue_message_by_age", "enqueued_at"),
    # A receipt handle contains the id, so the id of a deleted row must never be reused.
    sqlite_autoincrement=True,
)

template_count = sa.Table(
    "template_count",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("template_code", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("sent", sa.BigInteger, nullable=False),
    sa.Column("delivered", sa.BigInteger, nullable=False),
    sa.Column("read", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What is added to `template_count`, which would otherwise be a row that every message updates.
template_count_delta = sa.Table(
    "template_count_delta",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("template_code", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("sent", sa.BigInteger, nullable=False),
    sa.Column("delivered", sa.BigInteger, nullable=False),
    sa.Column("read", sa.BigInteger, nullable=False),
)

sms_count = sa.Table(
    "sms_count",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("hour", sa.BigInteger, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Index("sms_count_by_hour", "hour"),
    sqlite_with_rowid=False,
)

suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("recipient", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("sender", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("suppression_by_age", "account_id", "at"),
    sqlite_with_rowid=False,
)

client_token = sa.Table(
    "client_token",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("client_token_by_age", "at"),
    sqlite_with_rowid=False,
)

nonce = sa.Table(
    "nonce",
    metadata,
    sa.Column("slice", sa.BigInteger, primary_key=True),
    sa.Column("access_key_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

configuration = sa.Table(
    "configuration",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    # Origin and body are empty for an entry that was removed.
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("configuration_by_version", "version"),
    sa.Index("configuration_by_origin", "origin", "version"),
    sa.Index("configuration_by_account", "account_id", "kind", "version"),
    sqlite_with_rowid=False,
)

fact = sa.Table(
    "fact",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

# Calls other than those that a message was accepted by, which are on record in the message.
call_record = sa.Table(
    "call_record",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    # Whose bound it counts for: the account, or empty for all calls whose signature was not right.
    sa.Column("share", sa.Text, nullable=False),
    sa.Column("access_key_id", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("ms", sa.Integer, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    # JSON, an object and a list; values are masked.
    sa.Column("parameters", sa.Text, nullable=False),
    sa.Column("unknown", sa.Text, nullable=False),
    sa.Column("string_to_sign", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Index("call_record_by_request", "request_id"),
    sa.Index("call_record_by_account", "account_id", "id"),
    sa.Index("call_record_by_share", "share", "id"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("access_key_id", sa.Text, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("entry_id", sa.Text, nullable=False),
    # JSON objects without secrets; empty before an entry is made and after it is removed.
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Index("audit_by_account", "account_id", "id"),
    # A row that was listed is never another one.
    sqlite_autoincrement=True,
)
