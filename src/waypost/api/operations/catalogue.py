"""The operations that are served: what describes each one, and what handles it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from waypost.api.caller import Caller
from waypost.api.describe import Operation
from waypost.api.operations.send_chatapp_message import SEND_CHATAPP_MESSAGE, prepare
from waypost.model.directory import Directory
from waypost.storage.contract import Transaction
from waypost.storage.intake import accept_message


class Request(NamedTuple):
    """An authenticated, permitted call.

    Attributes:
        given: its parameters, decoded.
        now: milliseconds UTC.
        next_message_id: makes the id of a message accepted now.
        default_ttl: seconds, for a Viber message without Ttl.
    """

    given: Mapping[str, str]
    caller: Caller
    directory: Directory
    now: int
    next_message_id: Callable[[int], str]
    default_ttl: int


class Handled(NamedTuple):
    """What a call comes to.

    Attributes:
        answer: the members beside RequestId, Code and Message.
        write: what is made durable before it is answered.
    """

    answer: dict[str, Any]
    write: Callable[[Transaction], None]


def send_chatapp_message(request: Request) -> Handled:
    """Accepts one message.

    Raises:
        ApiError: the call's faults.
    """
    message = prepare(
        request.given,
        request.caller.account_id,
        request.directory,
        message_id=request.next_message_id(request.now),
        now=request.now,
        default_ttl=request.default_ttl,
    )

    def write(transaction: Transaction) -> None:
        accept_message(transaction, message)

    return Handled({"MessageId": message.message_id}, write)


class Served(NamedTuple):
    """An operation and its handler."""

    operation: Operation
    handle: Callable[[Request], Handled]


OPERATIONS: dict[str, Served] = {
    served.operation.name: served for served in (Served(SEND_CHATAPP_MESSAGE, send_chatapp_message),)
}
