"""Messages that users wrote to senders, stored for the operation that lists them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.people import spellings
from waypost.storage.records import InboundMessage
from waypost.storage.schema import inbound_message

P = sa.bindparam
Rows = list[tuple[Any, ...]]


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


class InboundReader:
    """Reads inbound messages outside a transaction."""

    def __init__(self, read: Callable[[str, dict[str, Any]], Rows], statements: InboundStatements) -> None:
        self._read = read
        self._sql = statements

    async def page(
        self,
        account_id: AccountId,
        space_id: SpaceId,
        channel: str,
        sender: str,
        *,
        user: str,
        since: int,
        until: int,
        skip: int,
        limit: int,
    ) -> list[InboundMessage]:
        """One page of the messages written to a sender, oldest first; an empty `user` selects all users, any
        other the person in whatever spelling."""
        of_person = spellings(channel, user)
        filters = {
            "account_id": account_id,
            "space_id": space_id,
            "channel": channel,
            "sender": sender,
            "user": of_person[0],
            "other_spelling": of_person[-1],
            "since": since,
            "until": until,
            "offset": skip,
            "limit": limit,
        }
        return [
            InboundMessage(**dict(zip(InboundMessage.__struct_fields__, row, strict=True)))
            for row in self._read(self._sql.page, filters)
        ]
