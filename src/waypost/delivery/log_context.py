"""What the lines of the log are about: the call, the message and the route.

While an attempt is under way, one variable is set, and looked at only where a line is written, by the
connector or by whom it calls: naming the three in each line costs every attempt for the sake of the few that
have one. Any other line about a message, of a timer, a receipt or a callback, gets the RequestId of its call
and the route of its last leg when it is written.
"""

from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

import msgspec

from waypost.model.identifiers import MessageId, is_message_id
from waypost.model.message.message import Message

Finder = Callable[[MessageId], tuple[str, str]]
"""Returns the RequestId of a message's call and the route of its last leg, each empty if it is not known.

It raises nothing.
"""


class AttemptUnderWay(msgspec.Struct, frozen=True):
    """An attempt under way in this task.

    Attributes:
        message: the message.
        route: the name of the route.
    """

    message: Message
    route: str


UNDER_WAY: ContextVar[AttemptUnderWay | None] = ContextVar("waypost_attempt_under_way", default=None)


def add_attempt(_: Any, __: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: adds `request_id`, `message_id` and `route` to a line about an attempt."""
    current = UNDER_WAY.get()
    if current is not None:
        event_dict.setdefault("message_id", current.message.message_id)
        event_dict.setdefault("route", current.route)
        if request_id := current.message.call.request_id:
            event_dict.setdefault("request_id", request_id)
    return event_dict


class RequestOfMessage:
    """A processor of structlog: adds `request_id` and `route` to a line that names a message."""

    def __init__(self) -> None:
        # One for each service of this process: a sandbox may have many.
        self._finders: list[Finder] = []

    def add(self, find: Finder) -> None:
        """Looks messages up there, too, from now on."""
        self._finders.append(find)

    def remove(self, find: Finder) -> None:
        """Looks no more there."""
        if find in self._finders:
            self._finders.remove(find)

    def __call__(self, _: Any, __: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The event, with both."""
        message_id = event_dict.get("message_id")
        if {"request_id", "route"} <= event_dict.keys():
            return event_dict
        if not isinstance(message_id, str) or not is_message_id(message_id):
            return event_dict
        for find in self._finders:
            found = dict(zip(("request_id", "route"), find(MessageId(message_id)), strict=True))
            if any(found.values()):
                for name, value in found.items():
                    if value:
                        event_dict.setdefault(name, value)
                break
        return event_dict


REQUEST_OF_MESSAGE = RequestOfMessage()
