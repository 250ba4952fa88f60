"""The lanes of the journal: what waits in one line because it waits for the same thing.

A lane is a text of parts separated by spaces; none of the parts but the last one contains a space.
"""

from functools import lru_cache
from typing import NamedTuple

from waypost.model.identifiers import AccountId
from waypost.model.message.message import Message

TIMER_LANE = ""
"""Timers make no requests, so one lane is enough for all."""

TRANSACTION, PROMOTION = "transaction", "promotion"


class DispatchLane(NamedTuple):
    """The parts of a lane of the dispatch stage: legs that wait for a route, of one account and one class."""

    route: str
    account_id: AccountId
    message_class: str


class CallbackLane(NamedTuple):
    """The parts of a lane of the callback stage: callbacks of one account to one URL."""

    account_id: AccountId
    url: str


def message_class(message: Message) -> str:
    """The class of a message: `transaction` or `promotion`."""
    return PROMOTION if message.promotional else TRANSACTION


def dispatch_lane(route: str, message: Message) -> str:
    """The lane of a message's leg that goes by `route` (empty while its sender has none)."""
    return f"{route} {message.account_id} {message_class(message)}"


def parse_dispatch_lane(lane: str) -> DispatchLane:
    """The parts of a lane of `dispatch_lane`."""
    route, account_id, message_class = lane.split(" ")
    return DispatchLane(route, AccountId(account_id), message_class)


def callback_lane(account_id: AccountId, url: str) -> str:
    """The lane of an account's callbacks to a URL."""
    return f"{account_id} {url}"


# It is asked for with each push and each status, of few lanes.
@lru_cache(1024)
def parse_callback_lane(lane: str) -> CallbackLane:
    """The parts of a lane of `callback_lane`."""
    account_id, url = lane.split(" ", 1)
    return CallbackLane(AccountId(account_id), url)


def url_of_callback_lane(lane: str) -> str:
    """The URL of a lane of `callback_lane`."""
    return lane.partition(" ")[2]
