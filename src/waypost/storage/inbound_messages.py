"""What people wrote, in the database: kept for the list of messages."""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.identifiers import AccountId, SpaceId
from waypost.storage.schema import inbound_message

P = sa.bindparam
Rows = list[tuple[Any, ...]]


class InboundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A person's message to a sender.

    Attributes:
        space_id: the space it is told to.
        at: when it came in, milliseconds UTC.
        provider_id: the provider's id of it.
        type: the form of the message (ChatAppInbound.Type).
        text: the text, or a media object as JSON text.
    """

    account_id: AccountId
    space_id: SpaceId
    channel: str
    sender: str
    user: str
    at: int
    provider_id: str
    type: str
    text: str


class InboundStatements:
    """The SQL.

    Args:
        text: compiles a statement for the dialect.
    """

    def __init__(self, text: Callable[[ClauseElement], str]) -> None:
        columns = inbound_message.c
        kept = [columns[name] for name in InboundMessage.__struct_fields__]
        self.add = text(sa.insert(inbound_message).values({column.name: P(column.name) for column in kept}))
        self.page = text(
            sa.select(*kept)
            .where(
                columns.account_id == P("account_id"),
                columns.channel == P("channel"),
                columns.sender == P("sender"),
                columns.at >= P("since"),
                columns.at <= P("until"),
                columns.space_id == P("space_id"),
                sa.or_(P("user") == sa.literal_column("''"), columns.user == P("user")),
            )
            .order_by(columns.at, columns.id)
            .limit(P("limit"))
            .offset(P("offset"))
        )


class InboundMessages:
    """The list within a transaction.

    Args:
        run: runs a statement; the rows it gives, and how many it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: InboundStatements
    ) -> None:
        self._run = run
        self._sql = statements

    def add(self, message: InboundMessage) -> None:
        """Keeps a message."""
        self._run(self._sql.add, msgspec.structs.asdict(message))


class InboundReader:
    """The list outside a transaction."""

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
        """A part of what was written to a sender, oldest first; an empty `user` is everybody."""
        filters = {
            "account_id": account_id,
            "space_id": space_id,
            "channel": channel,
            "sender": sender,
            "user": user,
            "since": since,
            "until": until,
            "offset": skip,
            "limit": limit,
        }
        return [
            InboundMessage(**dict(zip(InboundMessage.__struct_fields__, row, strict=True)))
            for row in self._read(self._sql.page, filters)
        ]
