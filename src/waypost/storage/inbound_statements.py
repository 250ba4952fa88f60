"""The messages that users wrote, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.records import InboundMessage
from waypost.storage.schema import inbound_message

P = sa.bindparam


class InboundStatements:
    """The SQL statements on `inbound_message`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = inbound_message.c
        selected = [columns[name] for name in InboundMessage.__struct_fields__]
        self.page = to_sql(
            sa.select(*selected)
            .where(
                columns.account_id == P("account_id"),
                columns.channel == P("channel"),
                columns.sender == P("sender"),
                columns.at >= P("since"),
                columns.at <= P("until"),
                columns.space_id == P("space_id"),
                sa.or_(
                    P("user") == sa.literal_column("''"), columns.user.in_([P("user"), P("other_spelling")])
                ),
            )
            .order_by(columns.at, columns.id)
            .limit(P("limit"))
            .offset(P("offset"))
        )
