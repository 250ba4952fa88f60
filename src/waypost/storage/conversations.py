"""When people last wrote to senders, and how their providers spell them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.people import canonical_person
from waypost.storage.schema import address, conversation

P = sa.bindparam
Rows = list[tuple[Any, ...]]


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


class ConversationReader:
    """Reads both outside a transaction, for a person in whatever spelling."""

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: ConversationStatements
    ) -> None:
        self._read = read
        self._sql = statements

    async def last_inbound(self, channel: str, sender: str, user: str) -> int | None:
        """When a user last wrote to a sender, in milliseconds UTC; None if never."""
        key = {"channel": channel, "sender": sender, "person": canonical_person(channel, user)}
        return next((row[0] for row in self._read(self._sql.last_inbound, key)), None)

    async def spelling(self, channel: str, address: str) -> str | None:
        """How a channel's provider spells the address of a person; None if that is not known."""
        key = {"channel": channel, "person": canonical_person(channel, address)}
        return next((row[0] for row in self._read(self._sql.spelling, key)), None)
