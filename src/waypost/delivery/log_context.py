"""What the lines of the log are about while an attempt is under way: the call, the message and the route.

One variable is set for an attempt, and looked at only where a line is written, by the connector or by whom it
calls: naming the three in each line costs every attempt for the sake of the few that have one.
"""

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, NamedTuple

from waypost.model.message.message import Message


class AttemptUnderWay(NamedTuple):
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
