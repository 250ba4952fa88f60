"""When people last wrote to senders, and how their providers spell them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from waypost.model.people import canonical_person

if TYPE_CHECKING:
    from waypost.storage.conversation_statements import ConversationStatements

Rows = list[tuple[Any, ...]]


class ConversationReader:
    """Reads both outside a transaction, for a person in whatever spelling."""

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: "ConversationStatements"
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
