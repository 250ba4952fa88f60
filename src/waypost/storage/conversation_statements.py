"""The conversations and the spellings of addresses, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.storage.schema import address, conversation

P = sa.bindparam


class ConversationStatements:
    """The SQL statements on `conversation` and `address`.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        self.last_inbound = to_sql(
            sa.select(conversation.c.last_inbound).where(
                conversation.c.channel == P("channel"),
                conversation.c.sender == P("sender"),
                conversation.c.user == P("person"),
            )
        )
        self.spelling = to_sql(
            sa.select(address.c.spelling).where(
                address.c.channel == P("channel"), address.c.person == P("person")
            )
        )
