"""What finds and removes what is old, as SQL."""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.redaction import EVENTS_WITH_WORDS
from waypost.storage.schema import (
    attempt,
    callback,
    conversation,
    event,
    inbound,
    inbound_message,
    journal,
    leg,
    message,
    sms_count,
)

P = sa.bindparam
_ENDED_STATES = ("expired", "failed", "delivered", "read")


class RetentionStatements:
    """The SQL statements that remove what is old.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        of_leg = (leg.c.shard == message.c.shard, leg.c.message_id == message.c.message_id)
        ages = (
            message.c.message_id,
            sa.select(sa.func.max(leg.c.updated_at)).where(*of_leg).scalar_subquery(),
            sa.exists(sa.select(1).where(*of_leg, leg.c.state.not_in(_literals(_ENDED_STATES)))),
            # Each by its partial index.
            sa.exists(
                sa.select(1).where(
                    sa.text("journal.stage = 'timer'"), journal.c.message_id == message.c.message_id
                )
            ),
            sa.exists(
                sa.select(1).where(
                    sa.text("journal.stage = 'callback' AND journal.message_id <> ''"),
                    journal.c.message_id == message.c.message_id,
                )
            ),
        )
        self.ages = to_sql(
            sa.select(*ages)
            .where(
                message.c.shard == P("shard"),
                message.c.message_id > P("after"),
                message.c.message_id < P("before"),
            )
            .order_by(message.c.message_id)
            .limit(P("limit"))
        )
        self.age = to_sql(
            sa.select(*ages).where(message.c.shard == P("shard"), message.c.message_id == P("message_id"))
        )
        self.busy = to_sql(
            sa.select(journal.c.message_id)
            .distinct()
            .where(
                journal.c.stage.in_(_literals(("dispatch", "receipt"))),
                journal.c.message_id > sa.literal_column("''"),
                journal.c.message_id < P("before"),
            )
        )
        of_message = {
            table.name: (table.c.shard == P("of_shard"), table.c.message_id == P("of_message"))
            for table in (message, leg, attempt)
        }
        self.body = to_sql(sa.select(message.c.body).where(*of_message["message"]))
        self.set_body = to_sql(
            sa.update(message)
            .where(*of_message["message"])
            .values(body=P("new_body"), task_id=P("new_task_id"), tag=P("new_tag"))
        )
        self.redact = [
            to_sql(statement)
            for statement in (
                sa.update(leg)
                .where(*of_message["leg"])
                .values(
                    text=sa.case(
                        (
                            leg.c.recipient > sa.literal_column("''"),
                            sa.func.replace(leg.c.text, leg.c.recipient, sa.literal_column("'***'")),
                        ),
                        else_=leg.c.text,
                    ),
                    recipient=sa.literal_column("''"),
                    # A decision that was made on the message as it was is not written any more.
                    version=leg.c.version + sa.literal_column("1"),
                ),
                # Some providers' ids have the number in them.
                sa.update(attempt)
                .where(*of_message["attempt"])
                .values(
                    recipient=sa.literal_column("''"),
                    provider_id=sa.null(),
                    text=sa.literal_column("''"),
                    delivered_parts=sa.literal_column("''"),
                ),
                sa.update(event)
                .where(event.c.message_id == P("of_message"), event.c.kind.in_(_literals(EVENTS_WITH_WORDS)))
                .values(text=sa.literal_column("''")),
            )
        ]
        self.callbacks = to_sql(
            sa.select(callback.c.id, callback.c.body).where(callback.c.message_id == P("of_message"))
        )
        self.set_callback = to_sql(
            sa.update(callback).where(callback.c.id == P("of_id")).values(body=P("new_body"))
        )
        self.remove_events = to_sql(sa.delete(event).where(event.c.message_id == P("of_message")))
        self.remove_callbacks = [
            # Ids ascend from the highest, which therefore stays, for the next time.
            to_sql(
                sa.update(callback)
                .where(
                    callback.c.message_id == P("of_message"),
                    callback.c.id == sa.select(sa.func.max(callback.c.id)).scalar_subquery(),
                )
                .values(message_id=sa.literal_column("''"))
            ),
            to_sql(sa.delete(callback).where(callback.c.message_id == P("of_message"))),
        ]
        self.remove_message = [
            to_sql(sa.delete(table).where(*of_message[table.name])) for table in (attempt, leg, message)
        ]
        # Ids ascend with time, so only the first ones are looked at.
        ended_at = sa.func.coalesce(callback.c.ended_at, callback.c.created_at)
        of_no_message = callback.c.message_id == sa.literal_column("''")
        self.other_callbacks = to_sql(
            sa.select(callback.c.id, callback.c.kind, callback.c.state, ended_at, callback.c.body)
            .where(of_no_message, callback.c.id > P("after"))
            .order_by(callback.c.id)
            .limit(P("limit"))
        )
        first = (
            sa.select(callback.c.id, callback.c.state, ended_at.label("ended"))
            .where(of_no_message)
            .order_by(callback.c.id)
            .limit(P("limit"))
            .subquery()
        )
        old = sa.select(first.c.id).where(
            first.c.state != sa.literal_column("'waiting'"),
            first.c.ended <= P("until"),
            first.c.id < sa.select(sa.func.max(callback.c.id)).scalar_subquery(),
        )
        self.remove_other_callbacks = to_sql(sa.delete(callback).where(callback.c.id.in_(old)))
        self.remove_inbound = [
            to_sql(_older(table, column, *keys))
            for table, column, keys in (
                (inbound_message, inbound_message.c.at, ("id",)),
                (inbound, inbound.c.at, ("route", "provider_id")),
            )
        ]
        self.remove_sms_counts = to_sql(
            _older(sms_count, sms_count.c.hour, "account_id", "scope", "key", "hour")
        )
        self.remove_conversations = to_sql(
            _older(conversation, conversation.c.last_inbound, "channel", "sender", "user")
        )


def _literals(values: Iterable[str]) -> list[Any]:
    return [sa.literal_column(f"'{value}'") for value in values]


def _older(table: sa.Table, at: sa.Column[Any], *keys: str) -> ClauseElement:
    columns = [table.c[name] for name in keys]
    old = sa.select(*columns).where(at <= P("until")).limit(P("limit"))
    return sa.delete(table).where((columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(old))
