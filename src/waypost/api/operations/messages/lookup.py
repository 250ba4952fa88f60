"""Looks up the message that a call refers to by MessageId."""

from typing import Any

from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.api.operations.endpoint import Request
from waypost.api.operations.ownership import not_owned
from waypost.model.identifiers import NO_SPACE, MessageId, SpaceId, is_message_id
from waypost.model.message.message import Message
from waypost.storage.contract import Store


async def find_own_message(request: Request[Any], store: Store, message_id: MessageId) -> Message:
    """The message of the caller's account with that id.

    Raises:
        ApiError: the account has no such message.
    """
    message = await store.find_message(message_id) if is_message_id(message_id) else None
    if message is None or not is_own(request, message):
        raise unknown_message(message_id)
    return message


def is_own(request: Request[Any], message: Message, space_id: SpaceId = NO_SPACE) -> bool:
    """Whether a message belongs to the caller's account and to the space; an empty space id matches any."""
    return message.account_id == request.caller.account_id and space_id in ("", message.space_id)


def unknown_message(message_id: MessageId, space_id: SpaceId = NO_SPACE) -> ApiError:
    """The error of a call that refers to a message which the account or space does not have."""
    owner = "this account and space" if space_id else "this account"
    return from_faults([not_owned("MessageId", message_id, "a message", owner)])
