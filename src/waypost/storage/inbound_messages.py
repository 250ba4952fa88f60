"""Messages that users wrote to senders, stored for the operation that lists them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.people import spellings
from waypost.storage.records import InboundMessage

if TYPE_CHECKING:
    from waypost.storage.inbound_statements import InboundStatements

Rows = list[tuple[Any, ...]]


class InboundReader:
    """Reads inbound messages outside a transaction."""

    def __init__(self, read: Callable[[str, dict[str, Any]], Rows], statements: "InboundStatements") -> None:
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
