"""The message that a call names by its MessageId."""

from typing import Any

from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Request
from waypost.api.operations.ownership import not_owned
from waypost.model.identifiers import shard_of
from waypost.model.message.message import Message
from waypost.storage.contract import Store


async def find_own_message(
    request: Request[Any], store: Store, message_id: str, space_id: str = ""
) -> Message:
    """The message of the caller's account with that id.

    Args:
        space_id: the space that it has to be of; empty for any.

    Raises:
        ApiError: there is none.
    """
    message = await store.find_message(message_id) if _is_well_formed(message_id) else None
    if (
        message is None
        or message.account_id != request.caller.account_id
        or space_id not in ("", message.space_id)
    ):
        owner = "this account and space" if space_id else "this account"
        raise from_faults([not_owned("MessageId", message_id, "a message", owner)])
    return message


def _is_well_formed(message_id: str) -> bool:
    try:
        shard_of(message_id)
    except ValueError:
        return False
    return True
